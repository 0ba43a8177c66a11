/** Answers of a ridge: a sum over its terms. */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { RidgeExpert } from "./expert.ts";

/** Terms of one row without the intercept: x, and for degree 2 also x_a·x_b for a ≤ b. */
export function countTerms(nFeatures: number, degree: 1 | 2): number {
  return degree === 1 ? nFeatures : nFeatures + (nFeatures * (nFeatures + 1)) / 2;
}

/**
 * Predictions for every row, shape (nRows,).
 *
 * @param into - Of that shape; written to and returned in place of a new array.
 */
export function predictRidge(
  expert: RidgeExpert,
  X: Matrix,
  into: Float32Array = new Float32Array(X.nRows),
): Float32Array {
  checkLength("X.nColumns", X.nColumns, expert.nFeatures);
  for (let i = 0; i < X.nRows; i++) into[i] = ridgeAt(expert, X.values, i * X.nColumns);
  return into;
}

/** The prediction at the point x[start], x[start + 1], …; its terms as `writeTerms` has them. */
function ridgeAt(
  { coefficients, degree, nFeatures }: RidgeExpert,
  x: Float32Array,
  start: number,
): number {
  let sum = coefficients[0]!;
  for (let a = 0; a < nFeatures; a++) sum += coefficients[a + 1]! * x[start + a]!;
  if (degree === 1) return sum;
  let t = nFeatures + 1;
  for (let a = 0; a < nFeatures; a++) {
    for (let b = a; b < nFeatures; b++) sum += coefficients[t++]! * (x[start + a]! * x[start + b]!);
  }
  return sum;
}
