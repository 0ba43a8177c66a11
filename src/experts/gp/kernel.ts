/**
 * The covariance of a Gaussian process: Matérn 5/2 with a length for each input, plus a linear one.
 *
 *   k(x, z) = s² (1 + a + a²/3) e^−a + v² x·z / d,   a = √5 · √Σ_j (x_j − z_j)² / l_j²
 *
 * Source: Rasmussen & Williams 2006, ch. 4.
 */
import { exp } from "../../shared/exp.ts";
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import { geometricMean } from "../../shared/statistics.ts";
import type { GpKernel } from "../expert.ts";

const ROOT5 = Math.sqrt(5);

/** The kernel whose every setting is the geometric mean of the given ones. At least one. */
export function meanKernel(kernels: readonly GpKernel[]): GpKernel {
  const meanOf = (settingOf: (kernel: GpKernel) => number): number =>
    geometricMean(kernels.map(settingOf));
  return {
    lengths: kernels[0]!.lengths.map((_, j) => meanOf(({ lengths }) => lengths[j]!)),
    signal: meanOf(({ signal }) => signal),
    noise: meanOf(({ noise }) => noise),
    linear: meanOf(({ linear }) => linear),
  };
}

/** Covariances of one row with the first `count` rows of Z, into `out`. */
export function covariances(
  { lengths, signal, linear }: GpKernel,
  x: ArrayLike<number>,
  { values, nColumns: d }: Matrix,
  out: Float64Array,
  count: number,
): void {
  const slope = (linear * linear) / d;
  const variance = signal * signal;
  for (let i = 0, at = 0; i < count; i++) {
    let square = 0;
    let product = 0;
    for (let j = 0; j < d; j++, at++) {
      const z = values[at]!;
      const difference = (x[j]! - z) / lengths[j]!;
      square += difference * difference;
      product += x[j]! * z;
    }
    const a = ROOT5 * Math.sqrt(square);
    out[i] = variance * (1 + a + (a * a) / 3) * exp(-a) + slope * product;
  }
}

/** The lower triangle of the covariance of rows among themselves. Shape (n, n). */
export function covarianceOf(kernel: GpKernel, X: Matrix): Float64Array {
  const n = X.nRows;
  const K = new Float64Array(n * n);
  for (let i = 0; i < n; i++) covariances(kernel, rowOf(X, i), X, K.subarray(i * n), i + 1);
  return K;
}
