/** Scoring with any gate: the one place that knows both kinds. */
import type { Engine } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Gate } from "./gate.ts";
import { createSoftmaxScorer, softmaxScores } from "./softmax.ts";
import { svmScores } from "./svm-scores.ts";

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function gateScores(engine: Engine, gate: Gate, X: Matrix): Float64Array {
  return gate.kind === "softmax" ? softmaxScores(engine, gate, X) : svmScores(gate, X);
}

/**
 * Scores the only row of `X`, whatever it holds when asked, into an array that is used again and
 * again; by a softmax gate nothing else is allocated.
 */
export function createRowScorer(engine: Engine, gate: Gate, X: Matrix): () => Float64Array {
  return gate.kind === "softmax" ? createSoftmaxScorer(engine, gate, X) : () => svmScores(gate, X);
}

/** The expert of the largest score for each row; ties go to the lowest index. Shape (nRows,). */
export function topExperts(scores: Float64Array, nExperts: number): Int32Array {
  const top = new Int32Array(scores.length / nExperts);
  for (let i = 0; i < top.length; i++) top[i] = topExpert(scores, nExperts, i);
  return top;
}

/** The expert of the largest score for row i; ties go to the lowest index. */
export function topExpert(scores: Float64Array, nExperts: number, i: number): number {
  const start = i * nExperts;
  let top = 0;
  for (let k = 1; k < nExperts; k++) if (scores[start + k]! > scores[start + top]!) top = k;
  return top;
}
