/**
 * An RBF machine fitted to all costs of a pair of experts: a Gaussian process f over the inputs,
 * whose sigmoid is the probability s of the first expert, at the mode of
 *   Σ_i log(s_i exp(−C_i1) + (1 − s_i) exp(−C_i2)) − |w|² / 2,   f = Fw.
 *
 * The columns of F are the kernel's values at some training rows, whitened, and a constant, all
 * times an amplitude: a large one lets the sigmoid be as steep as the rows allow. Width and
 * amplitude are those of highest evidence in Laplace's approximation, so no rows are held out. Only
 * rows near the boundary have a curvature, so a step costs little.
 *
 * Source: Rasmussen & Williams 2006, sections 3.4 and 8.3; costs in place of labels are ours.
 */
import { factor, solveLower, solveUpper } from "../../shared/cholesky.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";
import type { SvmMachine } from "../gate.ts";

/** The rows of a pair: inputs, and the extra cost of the second expert in nats. */
export interface PairCosts {
  /** Shape (nRows, nInputs). */
  readonly X: Matrix;
  /** C_i2 − C_i1. Shape (nRows,). */
  readonly extra: Float64Array;
}

export interface FittedMachine {
  readonly machine: Omit<SvmMachine, "first" | "second">;
  /** The logarithm of the evidence. */
  readonly evidence: number;
}

const AMPLITUDES = [30, 100, 300];
const MAX_STEPS = 60;
const LEAST_GAIN = 1e-2;
const LEAST_STEP = 1e-4;
/** Added to the kernel's diagonal. */
const JITTER = 1e-5;
/** Rows of less curvature are left out of the Hessian, which takes nearly all the time. */
const LEAST_CURVATURE = 1e-5;
/** The curvature of a row is at least this share of its sigmoid's. */
const LEAST_SHARE = 0.1;

/** The machine of highest evidence over all amplitudes. @param nVectors - At least 1. */
export function fitLogistic(pair: PairCosts, gamma: number, nVectors: number): FittedMachine {
  const vectors = takeRows(pair.X, spreadRows(pair.X, nVectors));
  const basis = whiten(pair.X, vectors, gamma);
  const width = vectors.nRows + 1;
  let weights: Float64Array = new Float64Array(width);
  let best: { weights: Float64Array; amplitude: number; evidence: number } | null = null;
  let last = AMPLITUDES[0]!;
  for (const amplitude of AMPLITUDES) {
    weights = weights.map((weight) => (weight * last) / amplitude);
    const climbed = climb({ ...basis, width, amplitude }, pair.extra, weights);
    weights = climbed.weights;
    last = amplitude;
    if (best === null || climbed.evidence > best.evidence) best = { ...climbed, amplitude };
  }
  const { weights: w, amplitude, evidence } = best!;
  const coefficients = w.slice(0, -1);
  solveUpper(basis.factorOfKernel, vectors.nRows, coefficients);
  for (let s = 0; s < coefficients.length; s++) coefficients[s]! *= amplitude;
  const rho = -amplitude * w.at(-1)!;
  const machine = { supportVectors: vectors, coefficients, rho, slope: -1, intercept: 0 };
  return { machine, evidence };
}

/** Rows far from each other: the next is always the one furthest from those before. */
function spreadRows(X: Matrix, count: number): Int32Array {
  const { nRows } = X;
  const furthest = new Float64Array(nRows).fill(Number.POSITIVE_INFINITY);
  const chosen: number[] = [];
  let next = 0;
  while (chosen.length < count && furthest[next]! > 0) {
    chosen.push(next);
    for (let i = 0; i < nRows; i++) {
      const distance = squaredDistance(X, i, X, next);
      if (distance < furthest[i]!) furthest[i] = distance;
    }
    for (let i = 0; i < nRows; i++) if (furthest[i]! > furthest[next]!) next = i;
  }
  return Int32Array.from(chosen);
}

/** Between row i of A and row z of B. */
function squaredDistance(A: Matrix, i: number, B: Matrix, z: number): number {
  const { nColumns } = A;
  const [at, to] = [i * nColumns, z * nColumns];
  let sum = 0;
  for (let j = 0; j < nColumns; j++) sum += (A.values[at + j]! - B.values[to + j]!) ** 2;
  return sum;
}

interface Basis {
  /** L⁻¹ k(Z, x) of every row, and 1. Shape (nRows, nVectors + 1). */
  readonly features: Float64Array;
  /** L with LLᵀ = k(Z, Z). */
  readonly factorOfKernel: Float64Array;
}

function whiten(X: Matrix, vectors: Matrix, gamma: number): Basis {
  const m = vectors.nRows;
  const L = new Float64Array(m * m);
  const kernel = (rows: Matrix, i: number, z: number): number =>
    Math.exp(-gamma * squaredDistance(rows, i, vectors, z));
  for (let a = 0; a < m; a++) for (let b = 0; b <= a; b++) L[a * m + b] = kernel(vectors, a, b);
  for (let a = 0; a < m; a++) L[a * m + a]! += JITTER;
  factor(L, m);
  const features = new Float64Array(X.nRows * (m + 1)).fill(1);
  for (let i = 0; i < X.nRows; i++) {
    const row = features.subarray(i * (m + 1), i * (m + 1) + m);
    for (let z = 0; z < m; z++) row[z] = kernel(X, i, z);
    solveLower(L, m, row);
  }
  return { features, factorOfKernel: L };
}

interface Climb extends Pick<Basis, "features"> {
  readonly width: number;
  readonly amplitude: number;
}

/** Newton's method with halved steps, and the evidence at its end. */
function climb(
  basis: Climb,
  extra: Float64Array,
  start: Float64Array,
): { readonly weights: Float64Array; readonly evidence: number } {
  const { width } = basis;
  let weights = start;
  let decisions = decide(basis, weights);
  let value = objective(decisions, extra, weights);
  const hessian = new Float64Array(width * width);
  for (let step = 0; step < MAX_STEPS; step++) {
    const direction = slopes(basis, { decisions, extra, weights }, hessian);
    factor(hessian, width);
    solveLower(hessian, width, direction);
    solveUpper(hessian, width, direction);
    const along = decide(basis, direction);
    let gain = 0;
    for (let length = 1; length > LEAST_STEP; length /= 2) {
      const next = weights.map((weight, j) => weight + length * direction[j]!);
      const nextDecisions = decisions.map((decision, i) => decision + length * along[i]!);
      const nextValue = objective(nextDecisions, extra, next);
      gain = nextValue - value;
      if (!(gain > 0)) continue;
      [weights, decisions, value] = [next, nextDecisions, nextValue];
      break;
    }
    if (!(gain > LEAST_GAIN)) break;
  }
  slopes(basis, { decisions, extra, weights }, hessian);
  factor(hessian, width);
  let halfLogDeterminant = 0;
  for (let j = 0; j < width; j++) halfLogDeterminant += Math.log(hessian[j * width + j]!);
  return { weights, evidence: value - halfLogDeterminant };
}

/** f of every row. */
function decide({ features, width, amplitude }: Climb, weights: Float64Array): Float64Array {
  const decisions = new Float64Array(features.length / width);
  for (let i = 0, at = 0; i < decisions.length; i++) {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += features[at++]! * weights[j]!;
    decisions[i] = amplitude * sum;
  }
  return decisions;
}

/** Up to a constant: log(s + (1 − s) exp(−extra)) of each row, less the weights' prior. */
function objective(decisions: Float64Array, extra: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < decisions.length; i++) {
    sum += logSum(decisions[i]!, -extra[i]!) - logSum(decisions[i]!, 0);
  }
  for (const weight of weights) sum -= weight ** 2 / 2;
  return sum;
}

/** log(exp(a) + exp(b)). */
function logSum(a: number, b: number): number {
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** The objective's gradient; writes its negative Hessian, lower triangle. Modifies `hessian`. */
function slopes(
  { features, width, amplitude }: Climb,
  at: {
    readonly decisions: Float64Array;
    readonly extra: Float64Array;
    readonly weights: Float64Array;
  },
  hessian: Float64Array,
): Float64Array {
  const gradient = at.weights.map((weight) => -weight);
  hessian.fill(0);
  for (let j = 0; j < width; j++) hessian[j * width + j] = 1;
  for (let i = 0, start = 0; i < at.decisions.length; i++, start += width) {
    const decision = at.decisions[i]!;
    const score = sigmoid(decision);
    const share = sigmoid(decision + at.extra[i]!);
    const pull = amplitude * (share - score);
    for (let j = 0; j < width; j++) gradient[j]! += pull * features[start + j]!;
    const ofScore = score * (1 - score);
    const curvature = Math.max(ofScore - share * (1 - share), LEAST_SHARE * ofScore);
    if (curvature < LEAST_CURVATURE) continue;
    const bend = amplitude ** 2 * curvature;
    for (let j = 0, entry = 0; j < width; j++, entry += width - j) {
      const scaled = bend * features[start + j]!;
      for (let k = 0; k <= j; k++) hessian[entry++]! += scaled * features[start + k]!;
    }
  }
  return gradient;
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
