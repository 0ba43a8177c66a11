/** Predicts rows: values, intervals around them, and explanations of each row. */
import { z } from "zod";
import { applyPreprocessing, describeReading, describeUnlikeTraining } from "../data/index.ts";
import {
  type Contributions,
  createContributor,
  explainRows as noteRows,
  type RowNotes,
} from "../explain/index.ts";
import {
  createIntervals,
  type Intervals,
  type Prediction,
  predictMatrix,
} from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";
import { predictionEngine } from "./engines.ts";
import { checkRegressor, type Regressor } from "./regressor.ts";
import { type ReadSettings, type RowSettings, type Rows, readRows, readShape } from "./rows.ts";
import { parseSettings } from "./settings.ts";

/**
 * Predicts rows. A row's prediction depends on that row alone: predicted one by one or all at once,
 * here or in another process, it is the same to the last bit.
 *
 * @param rows - A file's path, a table, or a list of objects. A missing cell, and a category that
 *   the model does not know, are no errors.
 * @returns `values` in the target's units, shape (nRows,); `routes`, for each member
 *   the expert of each row, with the gate's scores, shape (nRows, nExperts).
 * @throws BailiwickError COLUMN_MISSING, COLUMN_TYPE or VALUE_NOT_FINITE for rows that do not fit
 *   the model; DATA_EMPTY; INVALID_OPTION; for a file as `openTable`.
 * @example
 * ```ts
 * import { load, predict } from "bailiwick";
 *
 * const model = await load("out/prices");
 * const { values } = await predict(model, [{ area: 120, year: 1987, district: "north" }]);
 * console.log(`about ${Math.round(values[0])}`);
 * ```
 */
export async function predict(
  model: Regressor,
  rows: Rows,
  settings: ReadSettings = {},
): Promise<Prediction> {
  const checked = parseSettings("predict", readSchema, settings);
  return (await answerRows("predict", model, rows, checked)).prediction;
}

const readSchema = z.strictObject(readShape);

export interface IntervalSettings extends ReadSettings {
  /**
   * The share of targets that should lie within the intervals, above 0 and below 1. Default 0.9.
   */
  readonly level?: number | undefined;
}

const intervalSchema = z.strictObject({ ...readShape, level: z.number().optional() });

/**
 * Predicts rows with an interval around each value, by the held-out errors of the row's regime.
 *
 * @param rows - As for `predict`.
 * @returns What `predict` returns, and `lower` and `upper` in the target's units, shape (nRows,).
 * @throws as `predict`; BailiwickError INTERVALS_MISSING for a model without held-out errors;
 *   INVALID_OPTION for a level outside of (0, 1), or one that needs more errors than were kept.
 * @example
 * ```ts
 * import { load, predictIntervals } from "bailiwick";
 *
 * const model = await load("out/prices");
 * const { lower, upper } = await predictIntervals(model, "new-prices.csv", { level: 0.8 });
 * console.log(`the first between ${Math.round(lower[0])} and ${Math.round(upper[0])}`);
 * ```
 */
export async function predictIntervals(
  model: Regressor,
  rows: Rows,
  settings: IntervalSettings = {},
): Promise<Prediction & Intervals> {
  const { level = 0.9, ...own } = parseSettings("predictIntervals", intervalSchema, settings);
  const wanted = { ...own, level };
  const { prediction, intervals } = await answerRows("predictIntervals", model, rows, wanted);
  return { ...prediction, ...intervals! };
}

/** A prediction, with each column's contribution, and each member's notes on each row. */
export interface ExplainedRows extends Prediction {
  /** Shapley values in the target's units; null if no regime of the model had training rows. */
  readonly contributions: Contributions | null;
  /** One entry per member, in the order of `routes`. */
  readonly notes: readonly RowNotes[];
}

/**
 * Predicts rows, and explains each prediction: what each column contributes to it, how novel the
 * row is to its expert, and whether it lies near a boundary between regimes.
 *
 * @param rows - As for `predict`.
 * @returns What `predict` returns; `contributions` of the columns, which with their base value sum
 *   to the prediction, in the target's units, shape (nRows, columns.length); and `notes` for each
 *   member: `novelty`, above 1 for a row that is more novel than almost all held-out rows, and
 *   `nearBoundary`, 1 or 0, shapes (nRows,).
 * @throws as `predict`; BailiwickError EXPLANATION_MISSING for a bundle without an explanation.
 * @example
 * ```ts
 * import { explainRows, load } from "bailiwick";
 *
 * const model = await load("out/prices");
 * const rows = [{ area: 9000, year: 1700, district: "moon" }];
 * const { notes, contributions } = await explainRows(model, rows);
 * const { base, columns, values } = contributions;
 * console.log(`from ${base}: ${columns.map((name, c) => `${name} ${values[c]}`).join(", ")}`);
 * console.log(notes[0].novelty[0] > 1 ? "like no row before" : "nothing new");
 * ```
 */
export async function explainRows(
  model: Regressor,
  rows: Rows,
  settings: ReadSettings = {},
): Promise<ExplainedRows> {
  const checked = parseSettings("explainRows", readSchema, settings);
  checkRegressor("explainRows", model);
  if (model.explanation === null) throw noExplanation();
  const { prediction, notes, contributions } = await answerRows("explainRows", model, rows, {
    ...checked,
    isExplained: true,
  });
  return { ...prediction, contributions, notes };
}

export function noExplanation(): BailiwickError {
  const message = "the model must keep an explanation of its regimes, it keeps none; fit it again";
  return new BailiwickError("EXPLANATION_MISSING", message);
}

export interface AnswerSettings extends RowSettings {
  /** The level of intervals. Default: no intervals. */
  readonly level?: number | undefined;
  /** Whether to add the contributions and notes of `explainRows`. */
  readonly isExplained?: boolean | undefined;
  /** Of the contributions, which take milliseconds a row. */
  readonly onProgress?: Progress | undefined;
}

/** A model's answers to rows. */
export interface Answers {
  readonly prediction: Prediction;
  readonly intervals: Intervals | null;
  /** Empty without `explain`, or if the model has no explanation. */
  readonly notes: readonly RowNotes[];
  /** null in the same cases, and if no regime of the model had training rows. */
  readonly contributions: Contributions | null;
  /** Cells of the rows as their file has them, of the columns to carry. */
  readonly carried: ReadonlyMap<string, ArrayLike<unknown>>;
  /** Warnings about the columns, one sentence each. */
  readonly warnings: readonly string[];
}

/** Predicts rows once, with intervals and notes as requested. @throws as the functions above. */
export async function answerRows(
  caller: string,
  model: Regressor,
  rows: Rows,
  { level, isExplained = false, onProgress, ...reading }: AnswerSettings = {},
): Promise<Answers> {
  checkRegressor(caller, model);
  const { preprocessing } = model.model;
  const intervalsOf = level === undefined ? null : createIntervals(model.model, level);
  const { table } = await readRows(rows, preprocessing, "features", reading);
  const X = applyPreprocessing(preprocessing, table);
  const engine = await predictionEngine();
  const prediction = predictMatrix(engine, model.model, X);
  const explanation = isExplained ? model.explanation : null;
  const contribute = explanation && createContributor(engine, model.model, explanation);
  return {
    prediction,
    intervals: intervalsOf?.(prediction) ?? null,
    notes: explanation ? noteRows(explanation, X, prediction.routes) : [],
    contributions: contribute?.(X, prediction.values, onProgress) ?? null,
    carried: table.carried ?? new Map(),
    warnings: [...describeReading(table), ...describeUnlikeTraining(preprocessing, table)],
  };
}
