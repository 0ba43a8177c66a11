/**
 * Least squares from sums: a set of rows adds terms to the normal equations of a linear law, which
 * can be added, subtracted and solved without the rows.
 */
import type { Samples } from "../../experts/index.ts";
import { factor, solveLower, solveUpper } from "../../shared/cholesky.ts";

/** The terms of every row: 1, x, and, if quadratic, the products of all pairs. */
export interface Terms {
  /** Shape (nRows, p). */
  readonly values: Float64Array;
  readonly p: number;
  readonly y: Float32Array;
}

/** Σ w φφᵀ (lower triangle), Σ w φy, Σ w y² of some rows, and Σ w. */
export interface Moments {
  readonly gram: Float64Array;
  readonly cross: Float64Array;
  squares: number;
  total: number;
}

export function termsOf({ X, y }: Pick<Samples, "X" | "y">, quadratic: boolean): Terms {
  const d = X.nColumns;
  const p = 1 + d + (quadratic ? (d * (d + 1)) / 2 : 0);
  const values = new Float64Array(X.nRows * p);
  for (let i = 0; i < X.nRows; i++) {
    let at = i * p;
    values[at++] = 1;
    for (let a = 0; a < d; a++) values[at++] = X.values[i * d + a]!;
    if (!quadratic) continue;
    for (let a = 0; a < d; a++) {
      for (let b = a; b < d; b++) values[at++] = X.values[i * d + a]! * X.values[i * d + b]!;
    }
  }
  return { values, p, y };
}

export function noMoments(p: number): Moments {
  return { gram: new Float64Array(p * p), cross: new Float64Array(p), squares: 0, total: 0 };
}

/** Adds row i. Modifies `moments`. */
export function addRow(moments: Moments, { values, p, y }: Terms, i: number, weight = 1): void {
  const { gram, cross } = moments;
  const target = y[i]!;
  for (let a = 0; a < p; a++) {
    const term = weight * values[i * p + a]!;
    cross[a]! += term * target;
    for (let b = 0; b <= a; b++) gram[a * p + b]! += term * values[i * p + b]!;
  }
  moments.squares += weight * target * target;
  moments.total += weight;
}

/** Adds `sign` times the other's sums. Modifies `moments`. */
export function addMoments(moments: Moments, other: Moments, sign: 1 | -1): void {
  for (let e = 0; e < moments.gram.length; e++) moments.gram[e]! += sign * other.gram[e]!;
  for (let a = 0; a < moments.cross.length; a++) moments.cross[a]! += sign * other.cross[a]!;
  moments.squares += sign * other.squares;
  moments.total += sign * other.total;
}

/** Keeps the intercept nearly free. */
const INTERCEPT_PENALTY = 1e-6;

function penalisedFactor({ gram }: Moments, p: number, penalty: number): Float64Array {
  const L = gram.slice();
  for (let a = 0; a < p; a++) L[a * p + a]! += a === 0 ? INTERCEPT_PENALTY : penalty;
  factor(L, p);
  return L;
}

/** The least penalised sum of squared errors that any law of these terms has on the rows. */
export function leastSquaredError(moments: Moments, p: number, penalty: number): number {
  const z = moments.cross.slice();
  solveLower(penalisedFactor(moments, p, penalty), p, z);
  return Math.max(0, moments.squares - z.reduce((sum, value) => sum + value * value, 0));
}

/** The coefficients of that law. Shape (p,). */
export function leastSquares(moments: Moments, p: number, penalty: number): Float64Array {
  const L = penalisedFactor(moments, p, penalty);
  const z = moments.cross.slice();
  solveLower(L, p, z);
  solveUpper(L, p, z);
  return z;
}
