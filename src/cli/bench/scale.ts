/** `bailiwick bench accuracy --scale`: time and memory of a fit, from 1,000 to 1,000,000 rows. */
import { join } from "node:path";
import { measureScale, type ScaleRow } from "../../benches/index.ts";
import { createEngine } from "../../library/index.ts";
import { createInlineExecutor, PRESETS } from "../../mixture/index.ts";
import { today } from "../../shared/clock.ts";
import { writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import { packageVersion } from "../../shared/version.ts";
import type { EngineFlags } from "../engine.ts";
import { formatTable, jsonByLines, note, printJson, printLine } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";

export interface ScaleFlags extends EngineFlags {
  readonly scale: readonly number[];
  readonly seed?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export async function benchScaleCommand(flags: ScaleFlags): Promise<void> {
  const sizes = [...flags.scale].sort((a, b) => a - b);
  const fit = { ...PRESETS.accurate, seed: flags.seed ?? PRESETS.accurate.seed };
  const executor = createInlineExecutor(await createEngine(flags));
  const bar = createProgressBar();
  try {
    const rows = await measureScale(sizes, fit, executor, bar.report);
    bar.stop();
    const document = {
      bench: "accuracy-scale",
      command: `bailiwick bench accuracy --scale ${sizes.join(",")} --seed ${fit.seed}`,
      createdAt: today(),
      versions: { bailiwick: packageVersion(), node: process.version },
      rows,
    };
    if (flags.out !== undefined) {
      await makeFolder(flags.out);
      await writeFileAtomic(join(flags.out, "scale.json"), jsonByLines(document));
      note(`wrote ${flags.out}/scale.json`);
    }
    if (flags.json === true) printJson(document);
    else printLine(renderScale(rows));
  } finally {
    bar.stop();
    await executor.close();
  }
}

function renderScale(rows: readonly ScaleRow[]): string {
  const cells = rows.map(({ nRows, cpuSeconds, peakMb, mseVsNoise }) => [
    nRows.toLocaleString("en"),
    cpuSeconds.toFixed(1),
    ((1e6 * cpuSeconds) / nRows).toFixed(0),
    peakMb.toFixed(0),
    mseVsNoise.toFixed(2),
  ]);
  return formatTable(["rows", "CPU s", "µs a row", "peak MB", "mse ÷ noise"], cells);
}
