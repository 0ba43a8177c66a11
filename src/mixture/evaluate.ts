/** A model's errors on rows that have a target, in total and by expert. */
import type { Table } from "../data/index.ts";
import type { Engine } from "../experts/index.ts";
import { type RegressionMetrics, regressionMetrics } from "../metrics/index.ts";
import type { Model } from "./model.ts";
import { type Prediction, predict } from "./predict.ts";

export interface ExpertEvaluation {
  /** The expert's id, for example "m0.e2": expert 2 of member 0. */
  readonly expert: string;
  /** Rows that are routed to it. */
  readonly nSamples: number;
  /** The model's errors on those rows; null without rows. */
  readonly metrics: RegressionMetrics | null;
}

export interface Evaluation extends RegressionMetrics {
  /** Errors of members that predict; members without weight only explain. */
  readonly perExpert: readonly ExpertEvaluation[];
}

/** @param y - The targets in the target's units. Shape (table.nRows,), at least one. */
export function evaluate(engine: Engine, model: Model, table: Table, y: Float64Array): Evaluation {
  return evaluatePrediction(model, predict(engine, model, table), y);
}

/** @param y - The targets in the target's units, of the rows that were predicted. At least one. */
export function evaluatePrediction(
  model: Model,
  prediction: Prediction,
  y: Float64Array,
): Evaluation {
  const perExpert = byExpert(prediction, y).filter((_, m) => model.members[m]!.weight > 0);
  return { ...regressionMetrics(y, prediction.values), perExpert: perExpert.flat() };
}

/** The errors of each expert's rows, for every member's routes. */
function byExpert(
  { values, routes }: Prediction,
  y: Float64Array,
): readonly (readonly ExpertEvaluation[])[] {
  return routes.map(({ experts, nExperts }, m) =>
    Array.from({ length: nExperts }, (_, k) => {
      const routed = [...experts.keys()].filter((i) => experts[i] === k);
      const truth = routed.map((i) => y[i]!);
      const answers = routed.map((i) => values[i]!);
      const metrics = routed.length === 0 ? null : regressionMetrics(truth, answers);
      return { expert: expertId(m, k), nSamples: routed.length, metrics };
    }),
  );
}

/** The id of expert k of member m. */
export function expertId(m: number, k: number): string {
  return `m${m}.e${k}`;
}
