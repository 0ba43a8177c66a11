/** Scoring with any gate: the one place that knows both kinds. */
import type { Engine } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Gate } from "./gate.ts";
import { softmaxScores } from "./softmax.ts";
import { svmScores } from "./svm-scores.ts";

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function gateScores(engine: Engine, gate: Gate, X: Matrix): Float64Array {
  return gate.kind === "softmax" ? softmaxScores(engine, gate, X) : svmScores(gate, X);
}

/** The expert of the largest score for each row; ties go to the lowest index. Shape (nRows,). */
export function topExperts(scores: Float64Array, nExperts: number): Int32Array {
  const top = new Int32Array(scores.length / nExperts);
  for (let i = 0; i < top.length; i++) {
    for (let k = 1; k < nExperts; k++) {
      if (scores[i * nExperts + k]! > scores[i * nExperts + top[i]!]!) top[i] = k;
    }
  }
  return top;
}
