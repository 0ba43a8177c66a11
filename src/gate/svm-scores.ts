/** Scores of an SVM gate: decision of every pair, calibrated, coupled; then refined. */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { createCoupler } from "./coupling.ts";
import type { Refinement, SvmGate } from "./gate.ts";
import { sigmoid } from "./platt.ts";
import { decisionAt } from "./svm-decision.ts";
import { countTerms, writeTerms } from "./svm-terms.ts";

/** Bounds of a pair's probability, so that coupling has a solution. */
const MIN_PAIR = 1e-7;

/** Writes one row's scores to `out` from `start`; allocates nothing. Modifies `out`. */
export type SvmScorer = (X: Matrix, i: number, out: Float64Array, start: number) => void;

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function svmScores(gate: SvmGate, X: Matrix): Float64Array {
  checkLength("X.nColumns", X.nColumns, gate.nFeatures);
  const n = countExperts(gate);
  const scores = new Float64Array(X.nRows * n);
  const score = createSvmScorer(gate);
  for (let i = 0; i < X.nRows; i++) score(X, i, scores, i * n);
  return scores;
}

/** Number of experts that a gate scores: those of its machines and of its refinements. */
export function countExperts({ nExperts, refinements = [] }: SvmGate): number {
  return refinements.reduce((most, { experts }) => Math.max(most, experts.at(-1)! + 1), nExperts);
}

export function createSvmScorer(gate: SvmGate): SvmScorer {
  const { refinements = [], nExperts } = gate;
  const n = countExperts(gate);
  const coupled = createCoupledScorer(gate);
  const rowScores = new Float64Array(nExperts);
  const refiners = refinements.map(createRefiner);
  return (X, i, out, start) => {
    out.fill(0, start, start + n);
    coupled(X, i, rowScores);
    for (let k = 0; k < nExperts; k++) out[start + k] = rowScores[k]!;
    for (const refine of refiners) refine(X, i, out, start);
  };
}

/** Divides only the scores of the refinement's experts. */
function createRefiner({ experts, gate }: Refinement): SvmScorer {
  const coupled = createCoupledScorer(gate);
  const parts = new Float64Array(experts.length);
  return (X, i, out, start) => {
    coupled(X, i, parts);
    let total = 0;
    for (const k of experts) total += out[start + k]!;
    for (let place = 0; place < experts.length; place++) {
      out[start + experts[place]!] = total * parts[place]!;
    }
  };
}

/** Writes the coupled scores of row i of X to `out`, shape (gate.nExperts,). */
function createCoupledScorer(gate: SvmGate): (X: Matrix, i: number, out: Float64Array) => void {
  const { nExperts: n, kernel = "rbf", features, nFeatures, machines, gamma } = gate;
  const nInputs = features?.length ?? nFeatures;
  const inputs = new Float64Array(nInputs);
  const terms = new Float64Array(countTerms(kernel, nInputs));
  const pairs = new Float64Array(n * n);
  const couple = createCoupler(n);
  const form = { kernel, gamma };
  const all = { start: 0, nInputs };
  return (X, i, out) => {
    const start = i * X.nColumns;
    for (let j = 0; j < nInputs; j++) inputs[j] = X.values[start + (features?.[j] ?? j)]!;
    writeTerms(kernel, inputs, all, terms);
    for (const machine of machines) {
      const p = sigmoid(machine, decisionAt(machine, form, terms));
      const bounded = Math.min(1 - MIN_PAIR, Math.max(MIN_PAIR, p));
      pairs[machine.first * n + machine.second] = bounded;
      pairs[machine.second * n + machine.first] = 1 - bounded;
    }
    couple(pairs, out);
  };
}
