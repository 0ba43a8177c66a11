/** Measures a model on rows that have a target. */
import { z } from "zod";
import { describeReading, describeUnlikeTraining, selectTarget } from "../data/index.ts";
import {
  type Evaluation,
  evaluateIntervals,
  evaluatePrediction,
  type IntervalEvaluation,
  predict,
} from "../mixture/index.ts";
import { predictionEngine } from "./engines.ts";
import type { IntervalSettings } from "./predict.ts";
import { checkRegressor, type Regressor } from "./regressor.ts";
import { type Rows, readRows, readShape } from "./rows.ts";
import { parseSettings } from "./settings.ts";
import { describeTrained, trainedShare } from "./trained-on.ts";

/** Errors in the target's units, and their number of rows. */
export interface Measured extends Evaluation {
  /** The share of targets within the intervals; null without a level. */
  readonly intervals: IntervalEvaluation | null;
  /** Number of rows without a target; they are left out. */
  readonly nDropped: number;
  /** Warnings about the rows and columns, one sentence each. */
  readonly warnings: readonly string[];
}

const schema = z.strictObject({ ...readShape, level: z.number().optional() });

/**
 * Measures a model on rows that have a target: its errors, and the errors of each expert on its
 * rows.
 *
 * @param rows - As for `predict`, with the target's column. At least one row has a target.
 * @param settings - With a `level`, also the share of targets within such intervals. Default: none.
 * @returns `rmse`, `mae` and `mse` in the target's units (mse in their square), `r2` at most 1 or
 *   null for a constant target, and the same for each expert.
 * @throws as `predict`; BailiwickError TARGET_MISSING, TARGET_NOT_NUMERIC; with a level as
 *   `predictIntervals`.
 * @example
 * ```ts
 * import { evaluate, load } from "bailiwick";
 *
 * const model = await load("out/prices");
 * const { rmse, r2, perExpert } = await evaluate(model, "new-prices.csv");
 * console.log(`rmse ${rmse.toFixed(0)}, r2 ${r2?.toFixed(2)}, ${perExpert.length} experts`);
 * ```
 */
export async function evaluate(
  model: Regressor,
  rows: Rows,
  settings: IntervalSettings = {},
): Promise<Measured> {
  const { level, ...reading } = parseSettings("evaluate", schema, settings);
  checkRegressor("evaluate", model);
  const { preprocessing } = model.model;
  const { table, sha256 } = await readRows(rows, preprocessing, "features and target", reading);
  const { features, y, nDropped } = selectTarget(table, preprocessing.target.name, {
    minRows: 1,
    allowConstant: true,
  });
  const prediction = predict(await predictionEngine(), model.model, features);
  const evaluation = evaluatePrediction(model.model, prediction, y);
  const intervals =
    level === undefined ? null : evaluateIntervals(model.model, prediction, y, level);
  const share = trainedShare(model, { features, y, sha256 });
  const warnings = [
    ...describeTrained(share, model.provenance),
    ...describeReading(table, preprocessing.target.name),
    ...describeUnlikeTraining(preprocessing, features),
  ];
  return { ...evaluation, intervals, nDropped, warnings };
}
