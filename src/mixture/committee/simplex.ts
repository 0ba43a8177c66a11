/**
 * Weights that are not negative and sum to 1, with the least squared error, and a penalty towards
 * equal weights if there are few rows.
 *
 * Frank–Wolfe with pairwise steps (Lacoste-Julien & Jaggi 2015): a step moves weight
 * from the member whose weight costs most to the one that gains most, by an exact line search.
 */
import { checkLength } from "../../shared/errors.ts";

const MAX_STEPS = 5000;
/** No pair can gain more than this part of the error. */
const TOLERANCE = 1e-10;
/** Σ w² costs this share of the best member's error ÷ the number of rows, up to a limit. */
const SHRINKAGE = 20;
const MOST_SHRINKAGE = 0.2;

/**
 * @param answers - One array a member, of equal lengths.
 * @param y - The targets. Same length.
 * @returns One weight per member; equal weights for equal answers.
 */
export function simplexWeights(
  answers: readonly Float64Array[],
  y: ArrayLike<number>,
): Float64Array {
  const n = answers.length;
  for (const [m, values] of answers.entries())
    checkLength(`answers[${m}].length`, values.length, y.length);
  const products = shrunk(errorProducts(answers, y), n, y.length);
  const weights = new Float64Array(n).fill(1 / n);
  const least = Math.max(Number.MIN_VALUE, ...products) * TOLERANCE;
  for (let step = 0; step < MAX_STEPS; step++) {
    const gradient = weights.map((_, a) => {
      return weights.reduce((sum, weight, b) => sum + products[a * n + b]! * weight, 0);
    });
    const to = gradient.indexOf(Math.min(...gradient));
    const from = steepest(gradient, weights);
    const gain = gradient[from]! - gradient[to]!;
    if (gain <= least) break;
    const curvature =
      products[to * n + to]! + products[from * n + from]! - 2 * products[to * n + from]!;
    const moved = curvature > 0 ? Math.min(weights[from]!, gain / curvature) : weights[from]!;
    weights[to]! += moved;
    weights[from]! -= moved;
  }
  return weights;
}

/** A ridge on the weights: as if each member had an extra, independent error. */
function shrunk(products: Float64Array, n: number, nRows: number): Float64Array {
  const best = Math.min(...Array.from({ length: n }, (_, a) => products[a * n + a]!));
  const penalty = best * Math.min(MOST_SHRINKAGE, SHRINKAGE / nRows);
  for (let a = 0; a < n; a++) products[a * n + a]! += penalty;
  return products;
}

/** Mean products of the members' errors, row-major: the quadratic form of the mixed error. */
function errorProducts(answers: readonly Float64Array[], y: ArrayLike<number>): Float64Array {
  const errors = answers.map((values) => values.map((value, i) => value - y[i]!));
  const n = answers.length;
  const products = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < y.length; i++) sum += errors[a]![i]! * errors[b]![i]!;
      products[a * n + b] = sum / y.length;
      products[b * n + a] = sum / y.length;
    }
  }
  return products;
}

/** The member with weight to give whose error grows fastest with it. */
function steepest(gradient: Float64Array, weights: Float64Array): number {
  let from = -1;
  for (let m = 0; m < weights.length; m++) {
    if (weights[m]! > 0 && (from < 0 || gradient[m]! > gradient[from]!)) from = m;
  }
  return from;
}
