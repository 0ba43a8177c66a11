/**
 * The expectation step: how likely a mixture finds each row, and which expert is responsible.
 *
 * With gate scores g and errors e_k = f_k(x) − y, the likelihood of a row is
 * Σ_k g_k N(e_k; 0, σ²), and r_k ∝ g_k exp(−e_k² / 2σ²) says how responsible expert k is
 * (Jacobs, Jordan, Nowlan & Hinton 1991; EM by Jordan & Jacobs 1994). Arrays are row-major:
 * entry [i * nExperts + k] is expert k on row i.
 */
import type { Engine, Net, Samples } from "../../experts/index.ts";
import { gateScores } from "../../gate/index.ts";

/** K nets, the gate's net, and the noise σ² they share, in standardised units. */
export interface LikelihoodMixture {
  readonly experts: readonly Net[];
  readonly gate: Net;
  readonly variance: number;
}

/** What the nets of a mixture answer on some rows. */
export interface Answers {
  readonly nExperts: number;
  /** Squared errors; infinite where a net diverged. Shape (nRows, nExperts). */
  readonly errors: Float64Array;
  /** The gate's scores. Same shape. */
  readonly scores: Float64Array;
}

/** σ² cannot fall below this: a net that meets a few rows exactly must not take all. */
const MIN_VARIANCE = 2e-4;
/** Keeps the log finite where the gate is sure. */
const SCORE_FLOOR = 1e-4;
/** An expert further behind than this is not responsible at all. */
const LEAST_LOG_SHARE = -30;
/** No row counts for less than this, so that a single outlier cannot decide. */
const LEAST_LOG_LIKELIHOOD = Math.log(1e-12);

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

/** r of every row and expert; each row sums to 1. Shape (nRows, nExperts). */
export function responsibilities(
  { nExperts, errors, scores }: Answers,
  variance: number,
): Float32Array {
  const shares = new Float32Array(errors.length);
  const logs = new Float64Array(nExperts);
  const factor = -0.5 / variance;
  for (let start = 0; start < errors.length; start += nExperts) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < nExperts; k++) {
      const log = Math.log(scores[start + k]! + SCORE_FLOOR) + factor * errors[start + k]!;
      logs[k] = log;
      if (log > largest) largest = log;
    }
    let total = 0;
    for (let k = 0; k < nExperts; k++) {
      const behind = logs[k]! - largest;
      logs[k] = behind < LEAST_LOG_SHARE ? 0 : Math.exp(behind);
      total += logs[k]!;
    }
    for (let k = 0; k < nExperts; k++) shares[start + k] = logs[k]! / total;
  }
  return shares;
}

/** σ² of the given rows: their squared errors, each as its expert is responsible. */
export function noiseOf(
  { nExperts, errors }: Answers,
  shares: Float32Array,
  rows: Int32Array,
): number {
  let sum = 0;
  for (const i of rows) {
    for (let e = i * nExperts; e < (i + 1) * nExperts; e++) {
      if (shares[e]! > 0) sum += shares[e]! * errors[e]!;
    }
  }
  return Math.max(MIN_VARIANCE, sum / rows.length);
}

/** log Σ_k g_k N(e_k; 0, σ²) of each given row. Shape (rows.length,). */
export function logLikelihoods(
  { nExperts, errors, scores }: Answers,
  variance: number,
  rows: Int32Array,
): Float64Array {
  const scale = -0.5 * Math.log(2 * Math.PI * variance);
  return Float64Array.from(rows, (i) => {
    let likelihood = 0;
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
