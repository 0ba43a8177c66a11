/** The answers behind a fit's expected error, row by row, for pictures of them. */
import { answersInUnits } from "../data/index.ts";
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

/**
 * Of a row that was held out more than once, the first answer.
 *
 * @param table - What the fit was given.
 */
export function heldOutRows(fit: PlannedFit, { y }: Pick<TrainingTable, "y">): HeldOutRows {
  const { answers, model } = fit;
  const places = new Map<number, number>();
  answers.rows.forEach((row, place) => {
    if (!places.has(row)) places.set(row, place);
  });
  const rows = Int32Array.from(places.keys());
  const first = (values: Float64Array): Float64Array => {
    const taken = Float64Array.from(places.values(), (place) => values[place]!);
    return answersInUnits(taken, model.preprocessing.target);
  };
  const single = "heldOutAnswers" in fit ? bestKind(fit) : oneNet(fit);
  return {
    rows,
    truth: Float64Array.from(rows, (i) => y[i]!),
    predicted: first(answers.values),
    single: { name: single.name, predicted: first(single.values) },
  };
}

/** Standardised answers, in the order of the fit's `answers`. */
interface SingleAnswers {
  readonly name: string;
  readonly values: Float64Array;
}

function oneNet({ fitted, answers, samples }: FittedModel): SingleAnswers {
  const [errors] = fitted.choice.errors;
  const values = errors!.map((error, place) => samples.y[answers.rows[place]!]! + error);
  return { name: "one net", values };
}

/** The best kind of a committee that does not divide the rows. */
function bestKind({ fitted, answers }: FittedCommitteeModel): SingleAnswers {
  const { rows, y, answers: ofKinds } = fitted.heldOut;
  const loss = (values: Float64Array): number =>
    values.reduce((sum, value, r) => sum + (value - y[r]!) ** 2, 0);
  const [best] = [...ofKinds]
    .filter(([kind]) => !divides(kind))
    .map(([name, values]) => ({ name, values, loss: loss(values) }))
    .sort((a, b) => a.loss - b.loss);
  const place = new Map(Array.from(rows, (row, r) => [row, r] as const));
  const values = Float64Array.from(answers.rows, (row) => best!.values[place.get(row)!]!);
  return { name: best!.name, values };
}
