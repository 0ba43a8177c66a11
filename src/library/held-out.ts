/** What a fit's models answered to rows that they had not seen, row by row. */
import { scaleTarget, unscaleTarget } from "../data/index.ts";
import {
  divides,
  type FittedCommitteeModel,
  type FittedModel,
  type TrainingTable,
} from "../mixture/index.ts";
import type { PlannedFit } from "./plan.ts";

/** Answers to rows by models that had not seen them. In the target's units; equal lengths. */
export interface HeldOutRows {
  /** Numbers among the rows that have a target; each row once. */
  readonly rows: Int32Array;
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  /** What the best single model answered to the same rows. */
  readonly single: { readonly name: string; readonly predicted: Float64Array };
}

/** @param table - What the fit was given. */
export function heldOutRows(fit: PlannedFit, { y }: Pick<TrainingTable, "y">): HeldOutRows {
  return "heldOutAnswers" in fit ? ofCommittee(fit, y) : ofMixture(fit, y);
}

/** Of a row that was held out more than once, the first answer. */
function ofMixture({ fitted, model }: FittedModel, y: Float64Array): HeldOutRows {
  const { heldOut, errors: ofSizes } = fitted.choice;
  const { rows: held, errors } = heldOut;
  const { target } = model.preprocessing;
  const places = new Map<number, number>();
  held.forEach((row, place) => {
    if (!places.has(row)) places.set(row, place);
  });
  const rows = Int32Array.from(places.keys());
  const truth = Float64Array.from(rows, (i) => y[i]!);
  const standard = scaleTarget(truth, target);
  const answers = (own: Float64Array): Float64Array => {
    const values = Float64Array.from(rows, (row, r) => standard[r]! + own[places.get(row)!]!);
    return unscaleTarget(values, target);
  };
  const single = { name: "one net", predicted: answers(ofSizes[0]!) };
  return { rows, truth, predicted: answers(errors), single };
}

/** The best single model is the best kind that does not divide the rows. */
function ofCommittee(
  { fitted, model, heldOutAnswers }: FittedCommitteeModel,
  y: Float64Array,
): HeldOutRows {
  const { rows, y: standard, answers } = fitted.heldOut;
  const { target } = model.preprocessing;
  const squares = (values: Float64Array): number =>
    values.reduce((sum, value, r) => sum + (value - standard[r]!) ** 2, 0);
  const [best] = [...answers]
    .filter(([kind]) => !divides(kind))
    .map(([kind, values]) => ({ kind, values, loss: squares(values) }))
    .sort((a, b) => a.loss - b.loss);
  return {
    rows,
    truth: Float64Array.from(rows, (i) => y[i]!),
    predicted: unscaleTarget(heldOutAnswers, target),
    single: { name: best!.kind, predicted: unscaleTarget(best!.values, target) },
  };
}
