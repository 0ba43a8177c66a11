/**
 * The negative log marginal likelihood of a Gaussian process and its gradient.
 *
 *   ½ yᵀ K⁻¹ y + ½ log |K| + ½ n log 2π,   K = k(X, X) + s_n² I
 *
 * in the logarithms of lengths, signal, noise and linear scale, in this order. Source: Rasmussen &
 * Williams 2006, eqs. 5.8 and 5.9.
 */
import type { Matrix } from "../../shared/matrix.ts";
import { factorise, invertFactored, solveFactored } from "./cholesky.ts";

const ROOT5 = Math.sqrt(5);
/** Keeps the covariance positive definite if rows are repeated. */
export const JITTER = 1e-6;

export interface Likelihood {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** Values of the rows that the likelihood uses repeatedly. */
export interface Distances {
  readonly n: number;
  readonly d: number;
  /** Lower triangles: squared differences by input, and x·z / d. Row-major. */
  readonly squares: readonly Float64Array[];
  readonly products: Float64Array;
}

export function distancesOf({ values, nRows: n, nColumns: d }: Matrix): Distances {
  const squares = Array.from({ length: d }, () => new Float64Array(n * n));
  const products = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let product = 0;
      for (let j = 0; j < d; j++) {
        const [x, z] = [values[i * d + j]!, values[k * d + j]!];
        squares[j]![i * n + k] = (x - z) ** 2;
        product += x * z;
      }
      products[i * n + k] = product / d;
    }
  }
  return { n, d, squares, products };
}

/** @returns null where the covariance is not positive definite. */
export function negativeLogLikelihood(
  { n, d, squares, products }: Distances,
  y: ArrayLike<number>,
  parameters: Float64Array,
): Likelihood | null {
  const inverseSquares = Array.from({ length: d }, (_, j) => Math.exp(-2 * parameters[j]!));
  const [signal, noise, linear] = [0, 1, 2].map((p) => Math.exp(2 * parameters[d + p]!)) as [
    number,
    number,
    number,
  ];
  const radii = sumScaled(squares, inverseSquares, n);
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let at = i * n; at <= i * n + i; at++) {
      const a = ROOT5 * Math.sqrt(radii[at]!);
      L[at] = signal * (1 + a + (a * a) / 3) * Math.exp(-a) + linear * products[at]!;
    }
    L[i * n + i]! += noise + JITTER;
  }
  if (!factorise(L, n)) return null;
  const alpha = Float64Array.from({ length: n }, (_, i) => y[i]!);
  solveFactored(L, n, alpha);
  let value = 0.5 * n * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) value += 0.5 * y[i]! * alpha[i]! + Math.log(L[i * n + i]!);

  const sensitivities = sensitivitiesOf(invertFactored(L, n), alpha, n);
  const gradient = new Float64Array(d + 3);
  // Derivatives by each squared distance, divided by the input's distance.
  const slopes = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let at = i * n; at <= i * n + i; at++) {
      const weight = sensitivities[at]!;
      const a = ROOT5 * Math.sqrt(radii[at]!);
      const decay = Math.exp(-a);
      gradient[d]! += weight * 2 * signal * (1 + a + (a * a) / 3) * decay;
      gradient[d + 2]! += weight * 2 * linear * products[at]!;
      slopes[at] = weight * signal * (5 / 3) * (1 + a) * decay;
    }
    gradient[d + 1]! += sensitivities[i * n + i]! * 2 * noise;
  }
  for (let j = 0; j < d; j++) gradient[j] = dot(slopes, squares[j]!) * inverseSquares[j]!;
  return { value, gradient };
}

/** dL/dK of each pair of rows, both triangles together in the lower one. */
function sensitivitiesOf(inverse: Float64Array, alpha: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      const derivative = inverse[i * n + k]! - alpha[i]! * alpha[k]!;
      inverse[i * n + k] = i === k ? 0.5 * derivative : derivative;
    }
  }
  return inverse;
}

function sumScaled(
  terms: readonly Float64Array[],
  scales: readonly number[],
  n: number,
): Float64Array {
  const sum = new Float64Array(n * n);
  for (const [j, own] of terms.entries()) {
    const scale = scales[j]!;
    for (let at = 0; at < sum.length; at++) sum[at]! += scale * own[at]!;
  }
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}
