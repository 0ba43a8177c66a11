/** How far predictions are from the truth, in the target's own units. */
import { checkInteger, checkLength } from "../shared/errors.ts";

export interface RegressionMetrics {
  readonly nSamples: number;
  /** Mean squared error. */
  readonly mse: number;
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** 1 − mse / variance of the truth; null where the truth is constant. */
  readonly r2: number | null;
}

/**
 * @param truth - Shape (nSamples,), at least one.
 * @throws SHAPE_MISMATCH if the lengths differ; INVALID_OPTION if they are 0.
 */
export function regressionMetrics(
  truth: ArrayLike<number>,
  predictions: ArrayLike<number>,
): RegressionMetrics {
  const nSamples = truth.length;
  checkInteger("nSamples", nSamples, 1);
  checkLength("predictions.length", predictions.length, nSamples);
  const average = mean(truth);
  let squares = 0;
  let absolutes = 0;
  let spread = 0;
  for (let i = 0; i < nSamples; i++) {
    const error = predictions[i]! - truth[i]!;
    squares += error * error;
    absolutes += Math.abs(error);
    spread += (truth[i]! - average) ** 2;
  }
  const mse = squares / nSamples;
  return {
    nSamples,
    mse,
    rmse: Math.sqrt(mse),
    mae: absolutes / nSamples,
    r2: spread > 0 ? 1 - squares / spread : null,
  };
}

/** NaN for an empty array. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n − 1) over √n; 0 for fewer than two values. */
export function standardError(values: ArrayLike<number>): number {
  const n = values.length;
  if (n < 2) return 0;
  const average = mean(values);
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - average) ** 2;
  return Math.sqrt(squares / (n - 1) / n);
}
