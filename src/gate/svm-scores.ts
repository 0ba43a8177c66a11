/** Scores of an SVM gate: decision of every pair, calibrated, coupled. */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { couplePairs } from "./coupling.ts";
import type { SvmGate } from "./gate.ts";
import { sigmoid } from "./platt.ts";
import { decisionValue } from "./svm-decision.ts";

/** No pair is ever certain, so that coupling has a solution. */
const MIN_PAIR = 1e-7;

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function svmScores(gate: SvmGate, X: Matrix): Float64Array {
  checkLength("X.nColumns", X.nColumns, gate.nFeatures);
  const n = gate.nExperts;
  const scores = new Float64Array(X.nRows * n);
  const pairs = new Float64Array(n * n);
  for (let i = 0; i < X.nRows; i++) {
    for (const machine of gate.machines) {
      const p = sigmoid(machine, decisionValue(machine, gate.gamma, X, i));
      const bounded = Math.min(1 - MIN_PAIR, Math.max(MIN_PAIR, p));
      pairs[machine.first * n + machine.second] = bounded;
      pairs[machine.second * n + machine.first] = 1 - bounded;
    }
    couplePairs(pairs, scores.subarray(i * n, (i + 1) * n));
  }
  return scores;
}
