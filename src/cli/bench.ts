/** `bailiwick bench kernel`, and how any bench's figures are shown to a person. */
import { benchKernel, type Figure } from "../benches/index.ts";
import { figure } from "../reports/index.ts";
import { prepareOutputFolder, writeFileAtomic } from "../shared/files.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, note, printJson, printLine } from "./output.ts";
import { createProgressBar } from "./progress-bar.ts";

export interface BenchFlags {
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** What a bench leaves in its folder. */
const OUTPUTS = ["result.json"];

/** Measures and prints. A figure that misses its bound is a result, not an error. */
export async function benchKernelCommand(flags: BenchFlags): Promise<void> {
  const { out, force = false, json = false } = flags;
  if (out !== undefined) await prepareOutputFolder(out, { force, ours: OUTPUTS });
  const command = `bailiwick bench kernel${out === undefined ? "" : ` --out ${out}`}`;
  const bar = createProgressBar();
  try {
    const document = await benchKernel({ command, progress: bar.report, mirror: mirrorFolder() });
    bar.stop();
    if (out !== undefined) {
      await writeFileAtomic(`${out}/result.json`, `${JSON.stringify(document, null, 2)}\n`);
      note(`wrote ${out}/result.json`);
    }
    if (json) printJson(document);
    else printLine(renderFigures(document.figures));
  } finally {
    bar.stop();
  }
}

/** One line a figure, and below why those that were not measured were not. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, must, ok }) => [
    name,
    value === null ? "not measured" : `${figure(value)} ${unit}`,
    must,
    ok === null ? "–" : ok ? "yes" : "no",
  ]);
  const absent = figures.filter(({ value }) => value === null);
  const reasons = absent.map(({ name, how }) => `${name} ${how}`);
  return [formatTable(["figure", "value", "must", "ok"], rows), ...reasons].join("\n");
}
