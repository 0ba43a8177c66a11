/** `bailiwick predict`: one prediction per row, as CSV. */
import { formatCsv } from "../data/index.ts";
import { answerRows, load } from "../library/index.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { mirrorFolder } from "./environment.ts";
import { explainedColumns } from "./explained-columns.ts";
import { note, warn } from "./output.ts";
import { createProgressBar, silentBar } from "./progress-bar.ts";
import type { ReadingFlags } from "./shared-options.ts";

const NOT_EXPLAINED =
  "the bundle keeps no contributions, novelty and boundaries; fit it again to have them";

export interface PredictFlags extends ReadingFlags {
  readonly out?: string;
  readonly explain?: boolean;
  /** The level of intervals. */
  readonly interval?: number;
}

export async function predictCommand(
  bundlePath: string,
  dataPath: string,
  flags: PredictFlags,
): Promise<void> {
  const model = await load(bundlePath);
  const { out, interval: level, explain: isExplained = false, ...reading } = flags;
  const bar = isExplained ? createProgressBar() : silentBar;
  const wanted = { ...reading, level, isExplained, mirror: mirrorFolder() };
  const answering = answerRows("predict", model, dataPath, { ...wanted, onProgress: bar.report });
  const answers = await answering.finally(bar.stop);
  answers.warnings.forEach(warn);
  const { values } = answers.prediction;
  if (isExplained && model.explanation === null) warn(NOT_EXPLAINED);
  const why = isExplained ? explainedColumns(model, answers) : [];
  const bounds = Object.entries(answers.intervals ?? {});
  const csv = formatCsv([["prediction", values], ...bounds, ...why]);
  if (out === undefined) {
    process.stdout.write(csv);
  } else {
    await writeFileAtomic(out, csv);
    note(`wrote ${values.length} predictions to ${out}`);
  }
}
