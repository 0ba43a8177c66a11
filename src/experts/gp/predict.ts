/** The mean of a Gaussian process: a weighted sum of covariances with its centres. */
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import type { GpExpert } from "../expert.ts";
import { covariances } from "./kernel.ts";

/** @param into - Of shape (nRows,); written to and returned if given. */
export function predictGp(
  { kernel, centres, weights }: GpExpert,
  X: Matrix,
  into: Float32Array = new Float32Array(X.nRows),
): Float32Array {
  const m = centres.nRows;
  const k = new Float64Array(m);
  for (let i = 0; i < X.nRows; i++) {
    covariances(kernel, rowOf(X, i), centres, k, m);
    let sum = 0;
    for (let a = 0; a < m; a++) sum += k[a]! * weights[a]!;
    into[i] = sum;
  }
  return into;
}
