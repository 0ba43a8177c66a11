/**
 * The expectation step: the likelihood of each row under a mixture, and the responsibilities.
 *
 * With gate scores g and errors e_k = f_k(x) − y, the likelihood of a row is
 * Σ_k g_k N(e_k; 0, σ²), and r_k ∝ g_k exp(−e_k² / 2σ²) says how responsible expert k is
 * (Jacobs, Jordan, Nowlan & Hinton 1991; EM by Jordan & Jacobs 1994). Arrays are row-major:
 * entry [i * nExperts + k] is expert k on row i.
 *
 * With `outliers` ε > 0 a row can also come from no law at all: a broad normal of that share is one
 * more component (Banfield & Raftery 1993). No expert is responsible for it: where a row is far
 * from every law only the gate divides it, and `inlierShares` keeps it out of training.
 */
import type { Engine, Net, Samples } from "../../experts/index.ts";
import { gateScores } from "../../gate/index.ts";
import { mean } from "../../metrics/index.ts";

/** K nets, the gate's net, and the noise σ² they share, in standardised units. */
export interface LikelihoodMixture {
  readonly experts: readonly Net[];
  readonly gate: Net;
  readonly variance: number;
  /** Share of rows that may come from no law; 0 if not given. */
  readonly outliers?: number;
}

/** The answers of a mixture's nets to some rows. */
export interface Answers {
  readonly nExperts: number;
  /** Squared errors; infinite where a net diverged. Shape (nRows, nExperts). */
  readonly errors: Float64Array;
  /** The gate's scores. Same shape. */
  readonly scores: Float64Array;
}

/** σ² cannot fall below this: a net that meets a few rows exactly must not take all. */
const MIN_VARIANCE = 2e-4;
/** Lets an expert take a row that the gate is sure to be another's. */
const SCORE_FLOOR = 1e-4;
/** An expert whose fit is further behind than this is not responsible at all. */
const LEAST_LOG_SHARE = -30;
/** No row counts for less than this, so that a single outlier cannot decide. */
const LEAST_LOG_LIKELIHOOD = Math.log(1e-12);
/** The variance of outliers, in squared standard deviations of the target. */
const OUTLIER_VARIANCE = 2;
/** Rows of less weight do not train. */
const LEAST_WEIGHT = 1e-4;
/** The mean of the smallest 95 % of squared normal errors, as a share of their variance. */
const TRIMMED_SHARE = 0.7588;

/** Every net's answers on all samples. */
export function answer(engine: Engine, mixture: LikelihoodMixture, { X, y }: Samples): Answers {
  const nExperts = mixture.experts.length;
  const errors = new Float64Array(y.length * nExperts);
  mixture.experts.forEach((net, k) => {
    const outputs = engine.predict(net, X);
    for (let i = 0; i < y.length; i++) {
      const error = (outputs[i]! - y[i]!) ** 2;
      errors[i * nExperts + k] = Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
    }
  });
  const scores = gateScores(engine, { kind: "softmax", net: mixture.gate }, X);
  return { nExperts, errors, scores };
}

/** The density that a row has as an outlier, relative to the peak of N(0, σ²). */
function outlierDensity(outliers: number, variance: number): number {
  return outliers * Math.sqrt(variance / OUTLIER_VARIANCE);
}

/**
 * r of every row and expert; each row sums to 1. Shape (nRows, nExperts).
 *
 * @param outliers - Share of rows that may come from no law; in [0, 1).
 */
export function responsibilities(
  { nExperts, errors, scores }: Answers,
  variance: number,
  outliers = 0,
): Float32Array {
  const shares = new Float32Array(errors.length);
  const products = new Float64Array(nExperts);
  const factor = -0.5 / variance;
  const least = Math.log(outlierDensity(outliers, variance));
  for (let start = 0; start < errors.length; start += nExperts) {
    let smallest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < nExperts; k++) smallest = Math.min(smallest, errors[start + k]!);
    const best = Math.max(factor * smallest, least);
    let total = 0;
    for (let k = 0; k < nExperts; k++) {
      const behind = Math.max(factor * errors[start + k]!, least) - best;
      const fit = behind === 0 ? 1 : behind < LEAST_LOG_SHARE ? 0 : Math.exp(behind);
      products[k] = (scores[start + k]! + SCORE_FLOOR) * fit;
      total += products[k]!;
    }
    for (let k = 0; k < nExperts; k++) shares[start + k] = products[k]! / total;
  }
  return shares;
}

/** Shares less the probability that the row is an outlier to that expert. Same shape. */
export function inlierShares(
  { errors }: Answers,
  shares: Float32Array,
  variance: number,
  outliers: number,
): Float32Array {
  const outside = outlierDensity(outliers, variance);
  return shares.map((share, e) => {
    const inside = Math.exp(-errors[e]! / (2 * variance));
    const inlierShare = inside + outside > 0 ? (share * inside) / (inside + outside) : 0;
    return inlierShare < LEAST_WEIGHT ? 0 : inlierShare;
  });
}

/**
 * σ² of the given rows: their squared errors, weighted by responsibility.
 *
 * @param trimmed - Share of the largest errors that is left out; the rest is scaled as for a
 *   normal distribution. 0 or 0.05.
 */
export function noiseOf(
  { nExperts, errors }: Answers,
  shares: Float32Array,
  rows: Int32Array,
  trimmed = 0,
): number {
  const rowVariances = new Float64Array(rows.length);
  for (let r = 0; r < rows.length; r++) {
    const start = rows[r]! * nExperts;
    for (let e = start; e < start + nExperts; e++) {
      if (shares[e]! > 0) rowVariances[r]! += shares[e]! * errors[e]!;
    }
  }
  if (trimmed === 0) return Math.max(MIN_VARIANCE, mean(rowVariances));
  const kept = rowVariances
    .sort()
    .subarray(0, Math.max(1, Math.ceil((1 - trimmed) * rowVariances.length)));
  return Math.max(MIN_VARIANCE, mean(kept) / TRIMMED_SHARE);
}

/** log of the density of each given row under the mixture. Shape (rows.length,). */
export function logLikelihoods(
  { nExperts, errors, scores }: Answers,
  { variance, outliers = 0 }: Pick<LikelihoodMixture, "variance" | "outliers">,
  rows: Int32Array,
): Float64Array {
  const scale = -0.5 * Math.log(2 * Math.PI * variance);
  const outside = outlierDensity(outliers, variance);
  return Float64Array.from(rows, (i) => {
    let likelihood = outside;
    for (let e = i * nExperts; e < (i + 1) * nExperts; e++) {
      likelihood += scores[e]! * Math.exp(-errors[e]! / (2 * variance));
    }
    return Math.max(LEAST_LOG_LIKELIHOOD, Math.log(likelihood) + scale);
  });
}

/** The most responsible expert of each row; ties go to the lowest. Shape (nRows,). */
export function mostResponsible(shares: Float32Array, nExperts: number): Int32Array {
  return Int32Array.from({ length: shares.length / nExperts }, (_, i) => {
    let best = 0;
    for (let k = 1; k < nExperts; k++) {
      if (shares[i * nExperts + k]! > shares[i * nExperts + best]!) best = k;
    }
    return best;
  });
}
