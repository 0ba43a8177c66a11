/**
 * Fitting a Gaussian process: its kernel by marginal likelihood on some of the rows, then exactly
 * on all rows, or, where they are many, through inducing points.
 *
 * The descent is by signs of the gradient with a separate step for each parameter (Rprop:
 * Riedmiller & Braun 1993), which needs no line search. Inducing points: the subset of regressors
 * (Quiñonero-Candela & Rasmussen 2005).
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { type Matrix, rowOf, takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import { constantInputs, withoutInputs } from "../constant-inputs.ts";
import type { GpExpert, GpKernel, Samples } from "../expert.ts";
import { factorise, solveFactored } from "./cholesky.ts";
import { covarianceOf, covariances } from "./kernel.ts";
import { distancesOf, JITTER, negativeLogLikelihood } from "./likelihood.ts";

/** Rows that the kernel is fitted on. */
const KERNEL_ROWS = 500;
const KERNEL_STEPS = 45;
/**
 * Squared differences kept of those rows, over all columns, at most: fewer rows of many columns.
 */
const MAX_DIFFERENCES = 5e7;
/** Most rows of an exact process. */
export const EXACT_ROWS = 2000;
const INDUCING = 600;
/** Most rows that inducing points are fitted on. */
const MAX_ROWS = 50_000;
/** Rows of less weight are left out. */
const LEAST_WEIGHT = 0.02;
/** Strength of the penalty that keeps lengths near their usual size, in logarithms. */
const PRIOR = 0.02;
const MAX_TRIES = 6;

/** Multiply-adds of tuning the kernel, unless it is given, and fitting, about. */
export function gpFitCost({
  nRows,
  isTuned = false,
}: {
  readonly nRows: number;
  readonly isTuned?: boolean;
}): number {
  const tuning = isTuned ? 0 : KERNEL_STEPS * Math.min(nRows, KERNEL_ROWS) ** 3;
  if (nRows <= EXACT_ROWS) return tuning + nRows ** 3 / 3;
  return tuning + Math.min(nRows, MAX_ROWS) * INDUCING ** 2 + INDUCING ** 3 / 3;
}

/** @throws TOO_FEW_ROWS without a row of `LEAST_WEIGHT`. */
export function fitGp(
  samples: Samples,
  seed: number,
  kernel: GpKernel = tuneGp(samples, seed),
): GpExpert {
  const { X, y, weights } = samples;
  const rows = usedRows(samples);
  if (rows.length > MAX_ROWS) {
    shuffle(rows, createRng(childSeed(seed, "rows")));
    rows.length = MAX_ROWS;
  }
  const noises = rows.map((i) => kernel.noise ** 2 / (weights?.[i] ?? 1) + JITTER);
  const taken = takeRows(X, rows);
  const constant = constantInputs(taken);
  const settings = {
    X: withoutInputs(taken, constant),
    y: Float64Array.from(rows, (i) => y[i]!),
    noises,
  };
  const used = { ...kernel, lengths: endlessIn(constant, kernel.lengths) };
  if (rows.length <= EXACT_ROWS) return exact(used, settings);
  return inducing(used, settings, childSeed(seed, "inducing"));
}

/** A length so large that all rows are equal along the input. */
const ENDLESS = 1e30;

/** With centres at 0 for the given inputs, no covariance depends on them. */
function endlessIn(inputs: readonly number[], lengths: Float64Array): Float64Array {
  return lengths.map((length, j) => (inputs.includes(j) ? ENDLESS : length));
}

function usedRows({ X, y, weights }: Samples): number[] {
  checkLength("y.length", y.length, X.nRows);
  const rows = Array.from({ length: X.nRows }, (_, i) => i).filter((i) => {
    return weights === null || weights[i]! >= LEAST_WEIGHT;
  });
  if (rows.length > 0) return rows;
  throw new BailiwickError("TOO_FEW_ROWS", "a Gaussian process needs at least one row, got 0");
}

/** The kernel of greatest marginal likelihood on a part of the rows. @throws as `fitGp`. */
export function tuneGp(samples: Samples, seed: number, mostRows = KERNEL_ROWS): GpKernel {
  const { X, y } = samples;
  const chosen = usedRows(samples);
  shuffle(chosen, createRng(childSeed(seed, "kernel")));
  const most = Math.floor(Math.sqrt(MAX_DIFFERENCES / X.nColumns));
  chosen.length = Math.min(chosen.length, mostRows, Math.max(most, 2));
  const distances = distancesOf(takeRows(X, chosen));
  const targets = chosen.map((i) => y[i]!);
  const { d } = distances;
  const usual = Math.log(1.5 * Math.sqrt(d));
  const start = Float64Array.from([...new Array(d).fill(usual), 0, Math.log(0.3), Math.log(0.5)]);
  const best = descend(start, (parameters) => {
    const likelihood = negativeLogLikelihood(distances, targets, parameters);
    if (likelihood === null) return null;
    let { value } = likelihood;
    const { gradient } = likelihood;
    for (let j = 0; j < d; j++) {
      value += PRIOR * (parameters[j]! - usual) ** 2;
      gradient[j]! += 2 * PRIOR * (parameters[j]! - usual);
    }
    return { value, gradient };
  });
  return kernelOf(best);
}

function kernelOf(parameters: Float64Array): GpKernel {
  const d = parameters.length - 3;
  const [signal, noise, linear] = [0, 1, 2].map((p) => Math.exp(parameters[d + p]!)) as [
    number,
    number,
    number,
  ];
  return { lengths: parameters.slice(0, d).map(Math.exp), signal, noise, linear };
}

interface Slope {
  readonly value: number;
  readonly gradient: Float64Array;
}

const FIRST_STEP = 0.15;
const MOST_STEP = 0.6;
const [GROW, SHRINK] = [1.2, 0.5];
/** Logarithms of lengths, and of scales. */
const LENGTH_RANGE = [-3, 5] as const;
const SCALE_RANGE = [-5, 2.5] as const;

function descend(
  start: Float64Array,
  slopeAt: (parameters: Float64Array) => Slope | null,
): Float64Array {
  const parameters = start.slice();
  const steps = new Float64Array(start.length).fill(FIRST_STEP);
  const before = new Float64Array(start.length);
  let best = { value: Number.POSITIVE_INFINITY, parameters: start };
  const nLengths = start.length - 3;
  for (let step = 0; step < KERNEL_STEPS; step++) {
    const slope = slopeAt(parameters);
    if (slope === null) {
      parameters[nLengths + 1]! += 0.5;
      continue;
    }
    if (slope.value < best.value) best = { value: slope.value, parameters: parameters.slice() };
    stepDown(slope.gradient, before, steps, parameters);
  }
  return best.parameters;
}

/** Moves each parameter by the sign of its gradient; after a change of sign it waits one step. */
function stepDown(
  gradient: Float64Array,
  before: Float64Array,
  steps: Float64Array,
  parameters: Float64Array,
): void {
  const nLengths = parameters.length - 3;
  for (let p = 0; p < parameters.length; p++) {
    const agrees = gradient[p]! * before[p]!;
    if (agrees > 0) steps[p] = Math.min(MOST_STEP, steps[p]! * GROW);
    if (agrees < 0) steps[p]! *= SHRINK;
    before[p] = agrees < 0 ? 0 : gradient[p]!;
    const [least, most] = p < nLengths ? LENGTH_RANGE : SCALE_RANGE;
    const moved = parameters[p]! - Math.sign(before[p]!) * steps[p]!;
    parameters[p] = Math.min(most, Math.max(least, moved));
  }
}

interface Rows {
  readonly X: Matrix;
  readonly y: Float64Array;
  /** Variance of each row's noise. */
  readonly noises: readonly number[];
}

function exact(kernel: GpKernel, { X, y, noises }: Rows): GpExpert {
  const n = X.nRows;
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const K = covarianceOf(kernel, X);
    for (let i = 0; i < n; i++) K[i * n + i]! += noises[i]! * 10 ** attempt;
    if (!factorise(K, n)) continue;
    const weights = y.slice();
    solveFactored(K, n, weights);
    return { kind: "gp", kernel, centres: X, weights };
  }
  throw notDefinite();
}

/** w = (σ² K_mm + K_mn K_nm)⁻¹ K_mn y over m of the rows, with separate noise for each row. */
function inducing(kernel: GpKernel, { X, y, noises }: Rows, seed: number): GpExpert {
  const order = Array.from({ length: X.nRows }, (_, i) => i);
  shuffle(order, createRng(seed));
  const centres = takeRows(X, order.slice(0, INDUCING));
  const m = centres.nRows;
  const inner = covarianceOf(kernel, centres);
  const sums = new Float64Array(m * m);
  const right = new Float64Array(m);
  const k = new Float64Array(m);
  for (let i = 0; i < X.nRows; i++) {
    covariances(kernel, rowOf(X, i), centres, k, m);
    const precision = 1 / noises[i]!;
    for (let a = 0; a < m; a++) {
      const x = k[a]! * precision;
      right[a]! += x * y[i]!;
      const row = a * m;
      for (let b = 0; b <= a; b++) sums[row + b]! += x * k[b]!;
    }
  }
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const A = sums.map((value, at) => value + inner[at]!);
    const jitter = JITTER * 10 ** attempt * m;
    for (let a = 0; a < m; a++) A[a * m + a]! += jitter;
    if (!factorise(A, m)) continue;
    const weights = right.slice();
    solveFactored(A, m, weights);
    return { kind: "gp", kernel, centres, weights };
  }
  throw notDefinite();
}

function notDefinite(): BailiwickError {
  const message = "a Gaussian process' covariance must be positive definite, it is not";
  return new BailiwickError("EXPERT_DIVERGED", message);
}
