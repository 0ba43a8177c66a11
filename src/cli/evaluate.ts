/** `bailiwick evaluate`: a model's errors on rows that have a target. */
import { evaluate, load } from "../library/index.ts";
import type { Coverage, Evaluation, IntervalEvaluation } from "../mixture/index.ts";
import { figure, percent } from "../shared/wording.ts";
import { mirrorFolder } from "./environment.ts";
import { formatTable, printJson, printLine, warn } from "./output.ts";
import { type ReadingFlags, readingOf } from "./shared-options.ts";

export interface EvaluateFlags extends ReadingFlags {
  /** The level of intervals. */
  readonly interval?: number;
  readonly json?: boolean;
}

export async function evaluateCommand(
  bundlePath: string,
  dataPath: string,
  { interval, json, ...flags }: EvaluateFlags,
): Promise<void> {
  const model = await load(bundlePath);
  const settings = { ...readingOf(flags), level: interval, mirror: mirrorFolder() };
  const measured = await evaluate(model, dataPath, settings);
  const { intervals, nDropped, warnings, ...evaluation } = measured;
  warnings.forEach(warn);
  if (nDropped > 0) warn(`${nDropped} rows without a target were left out`);
  if (json === true) {
    printJson({ ...evaluation, ...(intervals === null ? {} : { intervals }) });
    return;
  }
  printLine(renderEvaluation(evaluation));
  if (intervals !== null) printLine(`\n${renderIntervals(intervals)}`);
}

function renderEvaluation({ nSamples, rmse, mae, mse, r2, perExpert }: Evaluation): string {
  const r2Text = r2 === null ? "not defined, the target is constant" : figure(r2);
  const summary =
    `${nSamples} rows: rmse ${figure(rmse)}, mae ${figure(mae)}, ` +
    `mse ${figure(mse)}, r2 ${r2Text}`;
  const rows = dividing(perExpert).map(({ expert, nSamples: rowsOfExpert, metrics }) => [
    expert,
    String(rowsOfExpert),
    metrics === null ? "" : figure(metrics.rmse),
    metrics === null ? "" : figure(metrics.mae),
  ]);
  if (rows.length === 0) return summary;
  return [summary, "", formatTable(["expert", "rows", "rmse", "mae"], rows)].join("\n");
}

/** The experts of members that divide the rows: a lone expert's rows are all, and so its errors. */
function dividing(perExpert: Evaluation["perExpert"]): Evaluation["perExpert"] {
  const memberOf = (expert: string): string => expert.split(".")[0]!;
  const nOf = (member: string): number =>
    perExpert.filter(({ expert }) => memberOf(expert) === member).length;
  return perExpert.filter(({ expert }) => nOf(memberOf(expert)) > 1);
}

function renderIntervals(held: IntervalEvaluation): string {
  const rows = [
    ["all", ...coverageCells(held), ""],
    ...held.perRegime.map((regime) => [
      regime.expert,
      ...coverageCells(regime),
      `${regime.nErrors} ${regime.isOwn ? "of the regime" : "pooled"}`,
    ]),
  ];
  const header = ["regime", "rows", "held", "by chance", "mean width", "held-out errors"];
  const title = `intervals that should contain ${figure(100 * held.level)} % of the targets`;
  const note = "by chance: 99 % of such shares lie in this range if the intervals are right";
  return [title, "", formatTable(header, rows), note].join("\n");
}

function coverageCells({ nSamples, coverage, byChance, meanWidth }: Coverage): readonly string[] {
  if (coverage === null) return [String(nSamples), "", "", ""];
  const chance = byChance!.map(percent).join(" – ");
  return [String(nSamples), percent(coverage), chance, figure(meanWidth!)];
}
