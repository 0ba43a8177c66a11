/**
 * Changes a gate in one place: divides some experts' rows among them again, or with one more
 * expert; the ratios of all other experts' scores stay.
 *
 *   SVM       a refinement (gate.ts): machines for the pairs among those experts alone
 *   softmax   hidden layers frozen; only the outputs of those experts are fitted, on rows labelled
 *             where they are affected and on the old scores (distillation, Hinton et al. 2015)
 *             elsewhere. A convex problem, solved by full-batch Adam.
 */
import {
  type AdamState,
  activate,
  adamMove,
  countParameters,
  type Engine,
  keepOutputs,
  layerOffsets,
  type Net,
} from "../experts/index.ts";
import { checkLength } from "../shared/errors.ts";
import { type Matrix, matrix, takeColumns } from "../shared/matrix.ts";
import type { EnsembleGate, Gate, Refinement, SoftmaxGate, SvmGate } from "./gate.ts";
import { softmaxScores } from "./softmax.ts";
import { fitSvmGate } from "./svm-gate.ts";

export interface RefineOptions {
  /** The experts whose rows are divided; ascending, at most the last one new. */
  readonly experts: readonly number[];
  readonly seed: number;
}

/** Rows with the position in `experts` of the expert of each. Shape (X.nRows,). */
export interface LabelledRows {
  readonly X: Matrix;
  readonly labels: Int32Array;
}

/**
 * gammas tried, relative to the gate's own (of a gate that has none, to 1 / nFeatures): a part may
 * be finer than the whole.
 */
const GAMMAS = [1, 4];
/** Some labels of recent rows are wrong: a harder margin would follow each of them. */
const MAX_COST = 100;

/** @throws as `fitSvmGate`. */
export async function refineSvm(
  gate: SvmGate,
  { X, labels }: LabelledRows,
  { experts, seed }: RefineOptions,
): Promise<SvmGate> {
  const base = (gate.kernel ?? "rbf") === "rbf" ? gate.gamma * X.nColumns : 1;
  const gammas = GAMMAS.map((factor) => factor * base);
  const costs = [Math.min(gate.cost, MAX_COST)];
  const part = await fitSvmGate(X, labels, experts.length, { seed, costs, gammas });
  const refinement: Refinement = { experts, gate: part };
  const earlier = gate.refinements ?? [];
  const last = earlier.at(-1);
  const same = last !== undefined && String(last.experts) === String(experts);
  return { ...gate, refinements: [...(same ? earlier.slice(0, -1) : earlier), refinement] };
}

const ITERATIONS = 300;
const LEARNING_RATE = 0.05;
/** Strength of the penalty that keeps changed outputs near their old values. */
const STAY = 1e-3;

/**
 * @param targets - The wanted scores of every expert, shape (X.nRows, nExperts), rows sum to
 *   1; nExperts is one more than the gate's outputs if an expert is new.
 */
export function refineSoftmax(
  engine: Engine,
  gate: SoftmaxGate,
  { X, targets, nExperts }: { X: Matrix; targets: Float64Array; nExperts: number },
  experts: readonly number[],
): SoftmaxGate {
  checkLength("targets.length", targets.length, X.nRows * nExperts);
  const start = withOutputs(gate.net, nExperts);
  const { inputs, weights, biases } = layerOffsets(start.sizes).at(-1)!;
  const H = hiddenOutputs(engine, gate.net, X);
  const logits = Float64Array.from(engine.predict(start, X));
  // Of each changed output: its weights, and last its bias.
  const was = experts.map((k) => [
    ...Array.from({ length: inputs }, (_, j) => start.parameters[weights + j * nExperts + k]!),
    start.parameters[biases + k]!,
  ]);
  const columns = descend({ H, targets, logits, nExperts }, experts, was);
  const parameters = start.parameters.slice();
  experts.forEach((k, c) => {
    for (let j = 0; j < inputs; j++) parameters[weights + j * nExperts + k] = columns[c]![j]!;
    parameters[biases + k] = columns[c]![inputs]!;
  });
  return { ...gate, net: { ...start, parameters } };
}

/**
 * The same for each net's outputs: the targets of unchanged rows are the net's scores.
 *
 * @param nStaying - The first rows of X; all others are the last expert's, which is new.
 */
export function refineEnsemble(
  engine: Engine,
  gate: EnsembleGate,
  { X, nStaying }: { X: Matrix; nStaying: number },
  experts: readonly number[],
): EnsembleGate {
  const inputs = takeColumns(X, gate.features);
  const nets = gate.nets.map((net) => {
    const member: SoftmaxGate = { kind: "softmax", net };
    const had = net.sizes.at(-1)!;
    const nExperts = had + 1;
    const scores = softmaxScores(engine, member, inputs);
    const targets = new Float64Array(X.nRows * nExperts);
    for (let i = 0; i < X.nRows; i++) {
      if (i >= nStaying) targets[i * nExperts + had] = 1;
      else targets.set(scores.subarray(i * had, (i + 1) * had), i * nExperts);
    }
    return refineSoftmax(engine, member, { X: inputs, targets, nExperts }, experts).net;
  });
  return { ...gate, nets };
}

/** The net with added outputs whose first scores are almost 0. */
function withOutputs(net: Net, nOutputs: number): Net {
  const had = net.sizes.at(-1)!;
  if (had === nOutputs) return net;
  const copies = Array.from({ length: nOutputs }, (_, k) => Math.min(k, had - 1));
  return keepOutputs(net, copies);
}

/** The outputs of the last hidden layer. */
function hiddenOutputs(engine: Engine, net: Net, X: Matrix): Matrix {
  const sizes = net.sizes.slice(0, -1);
  if (sizes.length === 1) return X;
  const body = { ...net, sizes, parameters: net.parameters.slice(0, countParameters(sizes)) };
  const sums = engine.predict(body, X);
  const outputs = sums.map((sum) => activate(net.activation, sum));
  return matrix(outputs, X.nRows, sizes.at(-1)!);
}

interface OutputProblem {
  readonly H: Matrix;
  readonly targets: Float64Array;
  readonly logits: Float64Array;
  readonly nExperts: number;
}

/** The changed outputs' weights of least cross-entropy, near where they were. */
function descend(
  problem: OutputProblem,
  experts: readonly number[],
  was: readonly (readonly number[])[],
): readonly Float64Array[] {
  const start = Float64Array.from(was.flat());
  const state: AdamState = {
    parameters: start.slice(),
    first: new Float64Array(start.length),
    second: new Float64Array(start.length),
    step: 0,
  };
  const width = problem.H.nColumns + 1;
  const columns = was.map((_, c) => state.parameters.subarray(c * width, (c + 1) * width));
  for (let step = 0; step < ITERATIONS; step++) {
    const slopes = slopesAt(problem, experts, columns);
    const gradient = start.map((value, p) => {
      const slope = slopes[Math.floor(p / width)]![p % width]!;
      return slope + STAY * (state.parameters[p]! - value);
    });
    adamMove(state, gradient, { learningRate: LEARNING_RATE, weightDecay: 0 });
  }
  return columns;
}

/** Of the mean cross-entropy, in the changed outputs' weights. */
function slopesAt(
  { H, targets, logits, nExperts }: OutputProblem,
  experts: readonly number[],
  columns: readonly Float64Array[],
): readonly Float64Array[] {
  const slopes = columns.map(({ length }) => new Float64Array(length));
  const row = new Float64Array(nExperts);
  for (let i = 0; i < H.nRows; i++) {
    for (let k = 0; k < nExperts; k++) row[k] = logits[i * nExperts + k]!;
    experts.forEach((k, c) => {
      const column = columns[c]!;
      let sum = column[H.nColumns]!;
      for (let j = 0; j < H.nColumns; j++) sum += column[j]! * H.values[i * H.nColumns + j]!;
      row[k] = sum;
    });
    const largest = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    experts.forEach((k, c) => {
      const off = (Math.exp(row[k]! - largest) / total - targets[i * nExperts + k]!) / H.nRows;
      const slope = slopes[c]!;
      for (let j = 0; j < H.nColumns; j++) slope[j]! += off * H.values[i * H.nColumns + j]!;
      slope[H.nColumns]! += off;
    });
  }
  return slopes;
}

/** A gate for two experts, where one expert had no gate. @throws as `fitSvmGate`. */
export async function firstGate(
  { X, labels }: LabelledRows,
  { seed }: Pick<RefineOptions, "seed">,
): Promise<Gate> {
  return fitSvmGate(X, labels, 2, { seed });
}
