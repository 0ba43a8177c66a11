/** `bailiwick bench kernel`. */
import { benchKernel, type KernelMeasurements } from "../../benches/index.ts";
import { prepareOutputFolder } from "../../shared/folders.ts";
import { figure } from "../../shared/wording.ts";
import { mirrorFolder, namedPython } from "../environment.ts";
import { formatTable, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { type BenchFlags, renderFigures } from "./figures-text.ts";
import { writeResult } from "./result-file.ts";

/** The files that the bench writes to its folder. */
const OUTPUTS = ["result.json"];

/** Measures and prints. A figure that misses its bound is a result, not an error. */
export async function benchKernelCommand(flags: BenchFlags): Promise<void> {
  const { out, force = false, json = false } = flags;
  if (out !== undefined) await prepareOutputFolder(out, { force, ours: OUTPUTS });
  const command = `bailiwick bench kernel${out === undefined ? "" : ` --out ${out}`}`;
  const bar = createProgressBar();
  try {
    const options = { command, progress: bar.report, mirror: mirrorFolder() };
    const document = await benchKernel({ ...options, python: namedPython() });
    bar.stop();
    await writeResult(document, out);
    if (json) printJson(document);
    else printLine(renderKernel(document.measurements, renderFigures(document.figures)));
  } finally {
    bar.stop();
  }
}

function renderKernel(measured: KernelMeasurements, figures: string): string {
  const { speedup, cores } = measured.threads;
  const threads =
    `Two threads are ${figure(speedup)} times as fast as one, on ${figure(cores)} cores ` +
    "granted by the scheduler.";
  return [epochsTable(measured), scalingTable(measured), threads, figures].join("\n\n");
}

function epochsTable({ epochs }: KernelMeasurements): string {
  const rows = epochs.map(({ name, batchSize, nNets, cpuMs, gflops }) => [
    name,
    String(batchSize),
    String(nNets),
    figure(cpuMs),
    figure(gflops),
  ]);
  return formatTable(["an epoch by", "batch", "nets", "CPU ms", "GFLOP/s"], rows);
}

function scalingTable({ scaling }: KernelMeasurements): string {
  const rows = scaling.map((point) => [
    point.nRows.toLocaleString("en"),
    String(point.nFeatures),
    String(point.nExperts),
    figure(point.nsPerRow),
    figure(point.engineMb),
    figure(point.memoryRatio),
    String(point.residentMb),
  ]);
  const header = ["rows", "features", "experts", "ns/row", "engine MB", "÷ needed", "process MB"];
  return formatTable(header, rows);
}
