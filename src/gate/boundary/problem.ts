/**
 * The problem of a boundary: the cost of sending each row to each expert, instead of labels.
 *
 * A label hides that most rows near a crossing of two laws cost nothing either way and that a few
 * cost everything.
 */
import type { Engine, TrainedNet, TrainTask } from "../../experts/index.ts";
import { BailiwickError, checkLength, checkNumber } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";

/** Where gate nets train; an executor is one. */
export interface GateTrainer {
  readonly engine: Engine;
  train(X: Matrix, tasks: readonly TrainTask[]): Promise<readonly TrainedNet[]>;
}

export interface BoundaryProblem {
  /** Shape (nRows, nFeatures). */
  readonly X: Matrix;
  /** Each expert's answer less the target, standardised. Shape (nRows, nExperts). */
  readonly errors: Float64Array;
  /** Cost of each row with each expert, in nats. Shape (nRows, nExperts). */
  readonly costs: Float64Array;
  /** The expert of least cost; ties go to the lowest. Shape (nRows,). */
  readonly labels: Int32Array;
  readonly nExperts: number;
  /** Variance of an expert's errors on the rows of its regime, standardised units. */
  readonly variance: number;
  readonly seed: number;
}

/** The largest cost of a row, so that outliers do not move a boundary. In nats. */
const MAX_COST = 7;

/** C[i, k] = min(e²_ik / 2σ², 7). */
export function boundaryCosts(errors: Float64Array, variance: number): Float64Array {
  return errors.map((error) => Math.min(error ** 2 / (2 * variance), MAX_COST));
}

/** @throws SHAPE_MISMATCH, VALUE_NOT_FINITE, INVALID_OPTION or TOO_FEW_ROWS. */
export function describeProblem({
  X,
  errors,
  variance,
  seed,
}: Pick<BoundaryProblem, "X" | "errors" | "variance" | "seed">): BoundaryProblem {
  const nExperts = X.nRows === 0 ? 0 : errors.length / X.nRows;
  checkLength("X.values.length", X.values.length, X.nRows * X.nColumns);
  if (X.nRows === 0) throw new BailiwickError("TOO_FEW_ROWS", "a boundary must have rows, got 0");
  if (!Number.isInteger(nExperts) || nExperts < 2) {
    const message =
      `errors must be of at least 2 experts on each of ${X.nRows} rows, ` +
      `got ${errors.length} numbers`;
    throw new BailiwickError("SHAPE_MISMATCH", message, { nRows: X.nRows, length: errors.length });
  }
  checkFinite("X", X.values);
  checkFinite("errors", errors);
  checkNumber("variance", variance, Number.MIN_VALUE);
  const costs = boundaryCosts(errors, variance);
  const labels = cheapestExperts(errors, nExperts);
  return { X, errors, costs, labels, nExperts, variance, seed };
}

function checkFinite(name: string, values: Float32Array | Float64Array): void {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const message = `${name} must be finite, entry ${bad} is ${values[bad]}`;
  throw new BailiwickError("VALUE_NOT_FINITE", message, { name, entry: bad });
}

function cheapestExperts(errors: Float64Array, nExperts: number): Int32Array {
  const labels = new Int32Array(errors.length / nExperts);
  for (let i = 0; i < labels.length; i++) {
    const start = i * nExperts;
    let best = 0;
    for (let k = 1; k < nExperts; k++) {
      if (Math.abs(errors[start + k]!) < Math.abs(errors[start + best]!)) best = k;
    }
    labels[i] = best;
  }
  return labels;
}

/**
 * Squared error of the blended answer for each row, standardised units. Shape (rows.length,).
 *
 * @param scores - Of those rows, in their order. Shape (rows.length, nExperts).
 */
export function routedErrors(
  { errors, nExperts }: BoundaryProblem,
  rows: Int32Array,
  scores: Float64Array,
): Float64Array {
  return Float64Array.from(rows, (i, place) => {
    let error = 0;
    for (let k = 0; k < nExperts; k++) {
      error += scores[place * nExperts + k]! * errors[i * nExperts + k]!;
    }
    return error * error;
  });
}
