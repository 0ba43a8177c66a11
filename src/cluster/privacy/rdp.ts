/**
 * ε of repeated Gaussian noise on sums over rows that are drawn by chance, by Rényi divergences.
 *
 * A step draws each row with probability q, and adds noise of σ times the most that one row can
 * change its sum. Rows are added or removed, one at a time. Divergences of steps add up.
 * Sources: Mironov, Talwar & Zhang 2019, section 3 (the divergence); Canonne, Kamath & Steinke
 * 2020, proposition 12 (ε from divergences).
 */
import { checkInteger, checkNumber } from "../../shared/errors.ts";

/** What is done to rows, of which ε is asked. */
export interface NoisedSteps {
  /** The share of the rows that a step draws, each independently: above 0, at most 1. */
  readonly share: number;
  /** Standard deviation of the noise, in changes that one row can make. */
  readonly noise: number;
  readonly steps: number;
}

/** Orders that are tried, as dp-accounting tries them. */
const ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  ...[128, 256, 512, 1024],
];
/** Standard deviations on each side of the integral, and parts of one. */
const [SPAN, PARTS] = [14, 16];

/** @throws INVALID_OPTION unless the numbers are in their ranges. */
export function checkSteps({ share, noise, steps }: NoisedSteps): void {
  checkNumber("share", share, Number.MIN_VALUE);
  checkNumber("1 - share", 1 - share, 0);
  checkNumber("noise", noise, 0.01);
  checkInteger("steps", steps, 1);
}

/** The least ε at δ. @param delta - Above 0 and below 1. */
export function rdpEpsilon(done: NoisedSteps, delta: number): number {
  checkSteps(done);
  const bounds = ORDERS.map((order) => {
    const divergence = done.steps * renyiDivergence(done, order);
    return divergence + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
  });
  return Math.max(0, Math.min(...bounds));
}

/** Rényi divergence of one step. @param order - Above 1. */
export function renyiDivergence({ share, noise }: NoisedSteps, order: number): number {
  if (share === 1) return order / (2 * noise ** 2);
  const log = Number.isInteger(order)
    ? logMomentSum(share, noise, order)
    : logMomentIntegral(share, noise, order);
  return log / (order - 1);
}

/** log E_{x ~ N(0, σ²)} [((1 − q) + q e^{(2x − 1) / 2σ²})^α] by the binomial sum. */
function logMomentSum(q: number, noise: number, order: number): number {
  let total = Number.NEGATIVE_INFINITY;
  let logBinomial = 0;
  for (let k = 0; k <= order; k++) {
    const log =
      logBinomial +
      (k === 0 ? 0 : k * Math.log(q)) +
      (order - k) * Math.log1p(-q) +
      (k * k - k) / (2 * noise ** 2);
    total = logAdd(total, log);
    logBinomial += Math.log((order - k) / (k + 1));
  }
  return total;
}

/** The same by the trapezoidal rule, which is exact to rounding for such an integrand. */
function logMomentIntegral(q: number, noise: number, order: number): number {
  const [from, to] = [-SPAN * noise, order + SPAN * noise];
  const n = Math.ceil((PARTS * (to - from)) / noise);
  const step = (to - from) / n;
  let total = Number.NEGATIVE_INFINITY;
  for (let i = 0; i <= n; i++) {
    const x = from + i * step;
    const ratio = logAdd(Math.log1p(-q), Math.log(q) + (2 * x - 1) / (2 * noise ** 2));
    total = logAdd(total, order * ratio - (x / noise) ** 2 / 2);
  }
  return total + Math.log(step / (noise * Math.sqrt(2 * Math.PI)));
}

function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY
    ? most
    : most + Math.log1p(Math.exp(Math.min(a, b) - most));
}
