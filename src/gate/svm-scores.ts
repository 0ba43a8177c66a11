/** Scores of an SVM gate: decision of every pair, calibrated, coupled; then refined. */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { createCoupler } from "./coupling.ts";
import type { Refinement, SvmGate } from "./gate.ts";
import { sigmoid } from "./platt.ts";
import { decisionValue } from "./svm-decision.ts";

/** No pair is ever certain, so that coupling has a solution. */
const MIN_PAIR = 1e-7;

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function svmScores(gate: SvmGate, X: Matrix): Float64Array {
  const { refinements = [], nExperts } = gate;
  const coupled = coupledScores(gate, X);
  if (refinements.length === 0) return coupled;
  const n = countExperts(gate);
  const scores = new Float64Array(X.nRows * n);
  for (let i = 0; i < X.nRows; i++) {
    scores.set(coupled.subarray(i * nExperts, (i + 1) * nExperts), i * n);
  }
  for (const refinement of refinements) refineScores(refinement, X, scores);
  return scores;
}

/** Experts that a gate scores: its machines' and those that refinements add. */
export function countExperts({ nExperts, refinements = [] }: SvmGate): number {
  return refinements.reduce((most, { experts }) => Math.max(most, experts.at(-1)! + 1), nExperts);
}

/** Modifies `scores`, those of the refinement's experts alone. */
function refineScores({ experts, gate }: Refinement, X: Matrix, scores: Float64Array): void {
  const n = scores.length / X.nRows;
  const parts = coupledScores(gate, X);
  for (let i = 0; i < X.nRows; i++) {
    const total = experts.reduce((sum, k) => sum + scores[i * n + k]!, 0);
    experts.forEach((k, place) => {
      scores[i * n + k] = total * parts[i * experts.length + place]!;
    });
  }
}

function coupledScores(gate: SvmGate, X: Matrix): Float64Array {
  checkLength("X.nColumns", X.nColumns, gate.nFeatures);
  const n = gate.nExperts;
  const scores = new Float64Array(X.nRows * n);
  const pairs = new Float64Array(n * n);
  const couple = createCoupler(n);
  for (let i = 0; i < X.nRows; i++) {
    for (const machine of gate.machines) {
      const p = sigmoid(machine, decisionValue(machine, gate.gamma, X, i));
      const bounded = Math.min(1 - MIN_PAIR, Math.max(MIN_PAIR, p));
      pairs[machine.first * n + machine.second] = bounded;
      pairs[machine.second * n + machine.first] = 1 - bounded;
    }
    couple(pairs, scores.subarray(i * n, (i + 1) * n));
  }
  return scores;
}
