/** Scores with any gate: the only module that has all kinds. */
import type { NetPredictor } from "../experts/index.ts";
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { createEnsembleScorer, ensembleScores } from "./ensemble/scores.ts";
import type { Gate } from "./gate.ts";
import { createSoftmaxScorer, softmaxScores } from "./softmax.ts";
import { countExperts, createSvmScorer, svmScores } from "./svm-scores.ts";
import { createTreeScorer, treeScores } from "./tree/scores.ts";

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function gateScores(engine: NetPredictor, gate: Gate, X: Matrix): Float64Array {
  switch (gate.kind) {
    case "softmax":
      return softmaxScores(engine, gate, X);
    case "ensemble":
      return ensembleScores(engine, gate, X);
    case "tree":
      return treeScores(gate, X);
    case "svm":
      return svmScores(gate, X);
  }
}

/**
 * Scores the only row of `X`, with the values at the time of the call, into a reused array, without
 * further allocation.
 */
export function createRowScorer(engine: NetPredictor, gate: Gate, X: Matrix): () => Float64Array {
  switch (gate.kind) {
    case "softmax":
      return createSoftmaxScorer(engine, gate, X);
    case "ensemble":
      return createEnsembleScorer(engine, gate, X);
    case "tree": {
      const scores = new Float64Array(gate.nExperts);
      const write = createTreeScorer(gate, X);
      return () => {
        write(0, scores, 0);
        return scores;
      };
    }
    case "svm": {
      checkLength("X.nColumns", X.nColumns, gate.nFeatures);
      const scores = new Float64Array(countExperts(gate));
      const write = createSvmScorer(gate);
      return () => {
        write(X, 0, scores, 0);
        return scores;
      };
    }
  }
}

/** The number of experts that a gate scores. */
export function countScores(gate: Gate): number {
  switch (gate.kind) {
    case "softmax":
      return gate.net.sizes.at(-1)!;
    case "ensemble":
      return gate.nets[0]!.sizes.at(-1)!;
    case "tree":
      return gate.nExperts;
    case "svm":
      return countExperts(gate);
  }
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
