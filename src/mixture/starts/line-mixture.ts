/**
 * Starts from a mixture of K linear laws without a gate, by EM in closed form from random parts
 * (clusterwise regression: DeSarbo & Cron 1988). It separates regimes that differ by their slopes,
 * at any place in x, also with few rows and many features.
 */
import type { Samples } from "../../experts/index.ts";
import type { Rng } from "../../shared/rng.ts";
import { addRow, leastSquares, noMoments, type Terms, termsOf } from "./moments.ts";

const STARTS = 6;
const ITERATIONS = 25;
const PENALTY = 0.1;
const LEAST_GAIN = 1e-4;
const LEAST_VARIANCE = 1e-4;
/** Least responsibility of rows that a law is fitted to. */
const LEAST_SHARE = 1e-3;

interface Lines {
  /** Of each law, shape (p,). */
  readonly coefficients: readonly Float64Array[];
  readonly weights: readonly number[];
  readonly variance: number;
}

/** The likeliest law of every sample. @param rows - The rows that the mixture is fitted to. */
export function lineMixtureLabels(
  samples: Pick<Samples, "X" | "y">,
  rows: Int32Array,
  nLaws: number,
  rng: Rng,
): Int32Array {
  const terms = termsOf(samples, false);
  let best: { lines: Lines; likelihood: number } | null = null;
  for (let start = 0; start < STARTS; start++) {
    const fitted = fitOnce(terms, rows, nLaws, rng);
    if (best === null || fitted.likelihood > best.likelihood) best = fitted;
  }
  const { lines } = best!;
  const logs = new Float64Array(nLaws);
  return Int32Array.from(samples.y, (_, i) => {
    writeLogs(terms, i, lines, logs);
    return logs.indexOf(Math.max(...logs));
  });
}

function fitOnce(
  terms: Terms,
  rows: Int32Array,
  nLaws: number,
  rng: Rng,
): { readonly lines: Lines; readonly likelihood: number } {
  let shares = firstShares(rows.length, nLaws, rng);
  let likelihood = Number.NEGATIVE_INFINITY;
  let lines = linesOf(terms, rows, shares, { nLaws, variance: 1 });
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const expected = expectRows(terms, rows, lines);
    const gain = expected.likelihood - likelihood;
    likelihood = expected.likelihood;
    if (gain < LEAST_GAIN * rows.length) break;
    shares = expected.shares;
    lines = linesOf(terms, rows, shares, { nLaws, variance: expected.variance });
  }
  return { lines, likelihood };
}

function firstShares(nRows: number, nLaws: number, rng: Rng): Float64Array {
  const shares = new Float64Array(nRows * nLaws);
  for (let place = 0; place < nRows; place++) shares[place * nLaws + rng.int(nLaws)] = 1;
  return shares;
}

/** The laws of least weighted squared error. */
function linesOf(
  terms: Terms,
  rows: Int32Array,
  shares: Float64Array,
  { nLaws, variance }: { readonly nLaws: number; readonly variance: number },
): Lines {
  const moments = Array.from({ length: nLaws }, (_, k) => {
    const sums = noMoments(terms.p);
    rows.forEach((i, place) => {
      const share = shares[place * nLaws + k]!;
      if (share >= LEAST_SHARE) addRow(sums, terms, i, share);
    });
    return sums;
  });
  return {
    coefficients: moments.map((sums) => leastSquares(sums, terms.p, PENALTY)),
    weights: moments.map(({ total }) => (total + 1) / (rows.length + nLaws)),
    variance,
  };
}

function squaredError({ values, p, y }: Terms, i: number, coefficients: Float64Array): number {
  let answer = 0;
  for (let a = 0; a < p; a++) answer += coefficients[a]! * values[i * p + a]!;
  return (answer - y[i]!) ** 2;
}

/** Writes each law's log density of row i. Modifies `logs`. @returns The largest. */
function writeLogs(terms: Terms, i: number, lines: Lines, logs: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logs.length; k++) {
    const error = squaredError(terms, i, lines.coefficients[k]!);
    logs[k] = Math.log(lines.weights[k]!) - error / (2 * lines.variance);
    if (logs[k]! > largest) largest = logs[k]!;
  }
  return largest;
}

interface Expected {
  readonly shares: Float64Array;
  readonly likelihood: number;
  /** Of the errors, each as its law is responsible. */
  readonly variance: number;
}

function expectRows(terms: Terms, rows: Int32Array, lines: Lines): Expected {
  const nLaws = lines.weights.length;
  const shares = new Float64Array(rows.length * nLaws);
  const logs = new Float64Array(nLaws);
  let likelihood = -0.5 * rows.length * Math.log(lines.variance);
  let errors = 0;
  for (let place = 0; place < rows.length; place++) {
    const largest = writeLogs(terms, rows[place]!, lines, logs);
    let total = 0;
    for (let k = 0; k < nLaws; k++) total += Math.exp(logs[k]! - largest);
    likelihood += largest + Math.log(total);
    for (let k = 0; k < nLaws; k++) {
      const share = Math.exp(logs[k]! - largest) / total;
      shares[place * nLaws + k] = share;
      if (share < LEAST_SHARE) continue;
      errors += share * squaredError(terms, rows[place]!, lines.coefficients[k]!);
    }
  }
  return { shares, likelihood, variance: Math.max(LEAST_VARIANCE, errors / rows.length) };
}
