/**
 * Which model is taken, and what is said of it, from sums over held-out rows.
 *
 * A candidate wins with the least squared error; a simpler one is taken if it is within one
 * standard error of it. The test of the verdict compares rows, by the products of their losses.
 */
import type { Expert } from "../../experts/index.ts";
import { meanTest } from "../../metrics/index.ts";
import {
  type Calibration,
  type ErrorQuantiles,
  type Expectation,
  type ExpertReport,
  MAX_QUANTILES,
  MIN_REDUCTION,
  type ResidualSummary,
  SIGNIFICANCE,
  type Verdict,
} from "../../mixture/index.ts";
import { count, percent, pValue } from "../../shared/wording.ts";
import { ERROR_BINS, ERROR_POWERS, errorOfBin } from "../sums/index.ts";
import type { Candidate } from "./candidates.ts";

/** Sums of losses of candidates, as a query gives them. */
export interface Losses {
  readonly nRows: number;
  /** Of the standardised target. */
  readonly variance: number;
  /** Mean squared error of each candidate. */
  readonly means: readonly number[];
  /** The standard error of the difference between two candidates' means. */
  errorOf(a: number, b: number): number;
}

export function readLosses(sums: Float64Array, nCandidates: number): Losses {
  const nRows = sums[0]!;
  const mean = sums[1]! / nRows;
  const means = Array.from({ length: nCandidates }, (_, a) => sums[3 + a]! / nRows);
  const products = sums.subarray(3 + nCandidates);
  const productOf = (a: number, b: number): number => {
    const [first, second] = a <= b ? [a, b] : [b, a];
    const row = first * nCandidates - (first * (first - 1)) / 2;
    return products[row + second - first]! / nRows;
  };
  return {
    nRows,
    variance: Math.max(0, sums[2]! / nRows - mean * mean),
    means,
    errorOf: (a, b) => {
      const squares = productOf(a, a) + productOf(b, b) - 2 * productOf(a, b);
      const difference = means[a]! - means[b]!;
      return Math.sqrt(Math.max(0, squares - difference ** 2) / nRows);
    },
  };
}

/** The simplest candidate within one standard error of the best; candidates in that order. */
export function chooseCandidate({ means, errorOf }: Losses): number {
  const best = means.indexOf(Math.min(...means));
  return means.findIndex((mean, a) => mean - means[best]! <= errorOf(a, best));
}

/** @param nSingles - The candidates of one expert, which come first. */
export function judgeSites(losses: Losses, chosen: number, nSingles: number): Verdict {
  const { means, nRows, errorOf } = losses;
  const single = means.indexOf(Math.min(...means.slice(0, nSingles)));
  if (chosen < nSingles) {
    const why = "on held-out rows one expert predicted as well as every mixture";
    return { partitioning: "not worth it", why };
  }
  const reduction = 1 - means[chosen]! / means[single]!;
  const p = meanTest(means[chosen]! - means[single]!, errorOf(chosen, single), nRows);
  const isLower = reduction >= MIN_REDUCTION;
  const partitioning = !isLower ? "not worth it" : p < SIGNIFICANCE ? "worth it" : "undecided";
  const direction = reduction >= 0 ? "lower" : "higher";
  const why =
    `squared error ${percent(Math.abs(reduction))} ${direction} than the best single expert over ` +
    `${count(nRows, "held-out row")} of all sites, p ${p < 0.001 ? pValue(p) : `= ${pValue(p)}`}`;
  return { partitioning, why };
}

/** What is known of the errors of the taken model. */
export interface JudgedErrors {
  readonly reports: readonly ExpertReport[];
  readonly calibration: Calibration;
  readonly mae: number;
}

/** A regime with fewer held-out rows has no separate quantile. */
const MIN_ROWS = 30;

/** @param scale - Of the target. */
export function readErrors(sums: Float64Array, nExperts: number, scale: number): JudgedErrors {
  const size = ERROR_POWERS + ERROR_BINS;
  const regimes = Array.from({ length: nExperts }, (_, k) => {
    return sums.subarray(k * size, (k + 1) * size);
  });
  const nRows = regimes.reduce((sum, own) => sum + own[0]!, 0);
  const reports = regimes.map((own): ExpertReport => {
    return { share: own[0]! / nRows, residuals: residualsOf(own, scale) };
  });
  const pooled = new Float64Array(ERROR_BINS);
  for (const own of regimes) {
    for (let bin = 0; bin < ERROR_BINS; bin++) pooled[bin]! += own[ERROR_POWERS + bin]!;
  }
  return {
    reports,
    calibration: {
      member: 0,
      pooled: quantilesOf(pooled),
      regimes: regimes.map((own) => {
        return own[0]! < MIN_ROWS ? null : quantilesOf(own.subarray(ERROR_POWERS));
      }),
    },
    mae: (scale * regimes.reduce((sum, own) => sum + own[2]!, 0)) / nRows,
  };
}

function residualsOf(own: Float64Array, scale: number): ResidualSummary {
  const n = Math.max(1, own[0]!);
  return {
    nSamples: own[0]!,
    meanError: (scale * own[1]!) / n,
    meanSquaredError: (scale ** 2 * own[3]!) / n,
    meanFourthPower: (scale ** 4 * own[4]!) / n,
  };
}

/** Each size is the upper end of its bin: never less than the error. */
function quantilesOf(counts: Float64Array): ErrorQuantiles {
  const nErrors = counts.reduce((sum, n) => sum + n, 0);
  const nKept = Math.min(nErrors, MAX_QUANTILES);
  let [bin, below] = [0, counts[0]!];
  const sizes = Float64Array.from({ length: nKept }, (_, j) => {
    const rank = Math.ceil(((j + 1) * nErrors) / nKept);
    while (below < rank) below += counts[++bin]!;
    return errorOfBin(bin);
  });
  return { nErrors, sizes };
}

/** Errors to expect, in the target's units. */
export function expectedErrors(
  { nRows, means, variance }: Losses,
  chosen: number,
  { scale, mae }: { readonly scale: number; readonly mae: number },
  candidates: readonly Candidate[],
): Expectation {
  const rmseOf = (mse: number): number => scale * Math.sqrt(mse);
  const best = (isWanted: (own: Candidate) => boolean): number | null => {
    const found = means.filter((_, a) => isWanted(candidates[a]!));
    return found.length === 0 ? null : rmseOf(Math.min(...found));
  };
  const isSingle = ({ mixture }: Candidate): boolean => mixture.experts.length === 1;
  const isOf = (own: Candidate, is: (expert: Expert) => boolean): boolean =>
    isSingle(own) && is(own.mixture.experts[0]!);
  const mse = means[chosen]!;
  return {
    nSamples: nRows,
    mse: scale ** 2 * mse,
    rmse: rmseOf(mse),
    mae,
    r2: variance === 0 ? null : 1 - mse / variance,
    rivals: {
      mean: rmseOf(variance),
      linear: best((own) => isOf(own, (e) => e.kind === "ridge" && e.degree === 1)),
      net: best((own) => isOf(own, (e) => e.kind === "mlp")),
      trees: null,
    },
    leaderboard: candidates
      .map(({ name }, a) => ({
        kind: name,
        rmse: rmseOf(means[a]!),
        weight: a === chosen ? 1 : 0,
        nMembers: a === chosen ? 1 : 0,
      }))
      .sort((a, b) => a.rmse - b.rmse),
  };
}
