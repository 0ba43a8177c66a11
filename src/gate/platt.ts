/**
 * From a decision value to a probability: a sigmoid fitted on held-out rows.
 * Source: Platt 1999, with the targets and the Newton method of Lin, Lin & Weng 2007.
 */
import { exp } from "../shared/exp.ts";

export interface Sigmoid {
  /** P(positive) = 1 / (1 + exp(slope · decision + intercept)). */
  readonly slope: number;
  readonly intercept: number;
}

const MAX_ITERATIONS = 100;
const MIN_STEP = 1e-10;
const RIDGE = 1e-12;
const TOLERANCE = 1e-5;
const SUFFICIENT_DECREASE = 1e-4;

export function sigmoid({ slope, intercept }: Sigmoid, decision: number): number {
  const z = slope * decision + intercept;
  const small = exp(-Math.abs(z));
  return z >= 0 ? small / (1 + small) : 1 / (1 + small);
}

/**
 * @param positive - Whether each row is of the positive class. Same length as `decisions`.
 * @returns The sigmoid of least cross-entropy, and that loss, summed over the rows.
 */
export function fitSigmoid(
  decisions: readonly number[],
  positive: readonly boolean[],
): { readonly sigmoid: Sigmoid; readonly loss: number } {
  const nPositive = positive.filter(Boolean).length;
  const nNegative = positive.length - nPositive;
  const high = (nPositive + 1) / (nPositive + 2);
  const low = 1 / (nNegative + 2);
  const targets = positive.map((is) => (is ? high : low));
  let at: Sigmoid = { slope: 0, intercept: Math.log((nNegative + 1) / (nPositive + 1)) };
  let loss = crossEntropy(at, decisions, targets);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { g1, g2, h11, h21, h22 } = derivatives(at, decisions, targets);
    if (Math.abs(g1) < TOLERANCE && Math.abs(g2) < TOLERANCE) break;
    const determinant = h11 * h22 - h21 * h21;
    const d1 = -(h22 * g1 - h21 * g2) / determinant;
    const d2 = -(-h21 * g1 + h11 * g2) / determinant;
    const slopeAlong = g1 * d1 + g2 * d2;
    let step = 1;
    for (; step >= MIN_STEP; step /= 2) {
      const next = { slope: at.slope + step * d1, intercept: at.intercept + step * d2 };
      const nextLoss = crossEntropy(next, decisions, targets);
      if (nextLoss >= loss + SUFFICIENT_DECREASE * step * slopeAlong) continue;
      at = next;
      loss = nextLoss;
      break;
    }
    if (step < MIN_STEP) break;
  }
  return { sigmoid: at, loss };
}

function crossEntropy(
  { slope, intercept }: Sigmoid,
  decisions: readonly number[],
  targets: readonly number[],
): number {
  return decisions.reduce((sum, decision, i) => {
    const z = slope * decision + intercept;
    const t = targets[i]!;
    return sum + (z >= 0 ? t * z : (t - 1) * z) + Math.log1p(exp(-Math.abs(z)));
  }, 0);
}

/** Gradient and, with a little on its diagonal, Hessian of the cross-entropy. */
function derivatives(
  at: Sigmoid,
  decisions: readonly number[],
  targets: readonly number[],
): { g1: number; g2: number; h11: number; h21: number; h22: number } {
  let [g1, g2, h11, h21, h22] = [0, 0, RIDGE, 0, RIDGE];
  decisions.forEach((decision, i) => {
    const p = sigmoid(at, decision);
    const curvature = p * (1 - p);
    h11 += decision * decision * curvature;
    h22 += curvature;
    h21 += decision * curvature;
    g1 += decision * (targets[i]! - p);
    g2 += targets[i]! - p;
  });
  return { g1, g2, h11, h21, h22 };
}
