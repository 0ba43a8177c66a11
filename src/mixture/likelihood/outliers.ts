/**
 * Rows that no law explains. Such a row has a wrong target if laws explain its neighbours; if they
 * explain no row of a neighbourhood, a law is missing there, and its rows are kept.
 */
import type { Matrix } from "../../shared/matrix.ts";
import type { Answers } from "./expectation.ts";
import { NEIGHBOURS, nearestRows } from "./neighbours.ts";

/** A law explains rows within this many σ², … */
export const EXPLAINED = 16;
/** … if the gate gives it this much of the row. */
const LEAST_SCORE = 0.02;
/** An outlier has at most this many neighbours that are not explained either. */
const MAX_NEAR = 2;
/** Most rows among which neighbours are searched. */
const MAX_AMONG = 4000;

/** 1 for every row but outliers. Shape (nRows,). */
export function inliersOf(X: Matrix, answers: Answers, variance: number): Uint8Array {
  const explained = explainedRows(answers, variance);
  const step = Math.max(1, Math.ceil(X.nRows / MAX_AMONG));
  const among = Int32Array.from({ length: Math.ceil(X.nRows / step) }, (_, p) => p * step);
  return explained.map((is, i) => {
    if (is === 1) return 1;
    const near = nearestRows(X, i, among);
    const unexplained = near.reduce((sum, j) => sum + (explained[j] === 1 ? 0 : 1), 0);
    return unexplained > Math.min(MAX_NEAR, NEIGHBOURS - 1) ? 1 : 0;
  });
}

function explainedRows({ errors, scores, nExperts }: Answers, variance: number): Uint8Array {
  return Uint8Array.from({ length: errors.length / nExperts }, (_, i) => {
    for (let e = i * nExperts; e < (i + 1) * nExperts; e++) {
      if (scores[e]! >= LEAST_SCORE && errors[e]! <= EXPLAINED * variance) return 1;
    }
    return 0;
  });
}
