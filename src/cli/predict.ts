/** `bailiwick predict`: one prediction per row, as CSV, JSON or Arrow. */
import { answerRows, load } from "../library/index.ts";
import { mirrorFolder } from "./environment.ts";
import { explainedColumns, type NamedColumn } from "./explained-columns.ts";
import { note, warn } from "./output.ts";
import {
  type CopyFlags,
  checkCopies,
  type OutputFlags,
  outputColumns,
  outputFormat,
  writeRows,
} from "./output-rows.ts";
import { createProgressBar, silentBar } from "./progress-bar.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";

const NOT_EXPLAINED =
  "the bundle keeps no contributions, novelty and boundaries; fit it again to have them";

export interface PredictFlags extends ReadingFlags, CopyFlags, OutputFlags {
  readonly explain?: boolean;
  /** The level of intervals. */
  readonly interval?: number;
  /** Digits after the decimal point; all if not given. */
  readonly digits?: number;
}

export async function predictCommand(
  bundlePath: string,
  dataPath: string,
  flags: PredictFlags,
): Promise<void> {
  const format = outputFormat(flags);
  const carry = checkCopies(flags);
  const { out, interval: level, explain: isExplained = false } = flags;
  const model = await load(bundlePath);
  const bar = isExplained ? createProgressBar() : silentBar;
  const reading = { ...readingOf(flags), mirror: mirrorFolder(), carry };
  const wanted = { ...reading, level, isExplained, onProgress: bar.report };
  const answers = await answerRows("predict", model, dataPath, wanted).finally(bar.stop);
  answers.warnings.forEach(warn);
  if (isExplained && model.explanation === null) warn(NOT_EXPLAINED);
  const { values } = answers.prediction;
  const columns: readonly NamedColumn[] = [
    ["prediction", values],
    ...Object.entries(answers.intervals ?? {}),
    ...(isExplained ? explainedColumns(model, answers) : []),
  ];
  await writeRows(outputColumns(flags, answers.carried, columns), format, out);
  if (out !== undefined && out !== "-") note(`wrote ${values.length} predictions to ${out}`);
}
