/**
 * Ridge regression on the inputs or on all their monomials up to degree 2, in closed form.
 *
 * Terms are centred so that the intercept is not penalised; the penalty is chosen by generalised
 * cross-validation (Golub, Heath & Wahba 1979), which one eigendecomposition of the terms' second
 * moments gives for every penalty. Algebra by ml-matrix.
 */
import { Matrix as Dense, EigenvalueDecomposition } from "ml-matrix";
import { BailiwickError, checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { constantInputs, withoutInputs } from "./constant-inputs.ts";
import type { RidgeExpert, Samples } from "./expert.ts";
import { countTerms } from "./ridge-answers.ts";
import { weighedRows } from "./weights.ts";

/** A closed form needs no hold-outs, so no groups. */
export type RidgeSamples = Omit<Samples, "groups">;

/** Penalties tried, relative to the mean eigenvalue of the terms' summed second moments. */
const PENALTIES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];
/** The most terms of a quadratic expansion: its normal equations are solved densely. */
export const MAX_TERMS = 1500;

/** Quadratic where its terms are not too many. */
export function ridgeDegree(nColumns: number): 1 | 2 {
  return countTerms(nColumns, 2) <= MAX_TERMS ? 2 : 1;
}

/** Multiply-adds of a fit of that degree, about. */
export function ridgeFitCost({ nRows, nInputs }: { nRows: number; nInputs: number }): number {
  return nRows * countTerms(nInputs, ridgeDegree(nInputs)) ** 2;
}

/** Writes the terms of `row` to `out`. Modifies `out`. */
export function writeTerms(row: ArrayLike<number>, degree: 1 | 2, out: Float64Array): void {
  const d = row.length;
  for (let a = 0; a < d; a++) out[a] = row[a]!;
  if (degree === 1) return;
  let t = d;
  for (let a = 0; a < d; a++) for (let b = a; b < d; b++) out[t++] = row[a]! * row[b]!;
}

/**
 * Weighted ridge fit.
 *
 * Cost: O(n·p² + p³) for p terms.
 *
 * @param penalties - Candidates, relative to the mean eigenvalue of the summed second moments.
 * @throws TOO_FEW_ROWS if no row has a positive weight.
 * @throws INVALID_OPTION if the expansion has more than MAX_TERMS terms.
 */
export function fitRidge(
  { X, y, weights }: RidgeSamples,
  degree: 1 | 2,
  penalties: readonly number[] = PENALTIES,
): RidgeExpert {
  checkLength("y.length", y.length, X.nRows);
  const p = countTerms(X.nColumns, degree);
  if (p > MAX_TERMS) {
    throw new BailiwickError("INVALID_OPTION", `terms must be at most ${MAX_TERMS}, got ${p}`);
  }
  const constant = constantInputs(X, weighedRows({ y, weights }));
  const sums = accumulate({ X: withoutInputs(X, constant), y, weights }, degree, p);
  return solveRidge(sums, { nFeatures: X.nColumns, degree }, penalties);
}

/** The ridge of centred sums over rows, with the penalty of least error. */
export function solveRidge(
  sums: Sums,
  { nFeatures, degree }: Pick<RidgeExpert, "nFeatures" | "degree">,
  penalties: readonly number[] = PENALTIES,
): RidgeExpert {
  const p = countTerms(nFeatures, degree);
  const { penalty, slope } = choosePenalty(sums, p, penalties);
  let intercept = sums.meanTarget;
  for (let t = 0; t < p; t++) intercept -= slope[t]! * sums.meanTerms[t]!;
  return {
    kind: "ridge",
    degree,
    nFeatures,
    penalty,
    coefficients: Float64Array.from([intercept, ...slope]),
  };
}

/**
 * The penalty of least generalised cross-validation error, with its coefficients. Terms without
 * spread have none, and are left out of the decomposition: of many levels, most products are zero.
 */
function choosePenalty(
  sums: Sums,
  p: number,
  penalties: readonly number[],
): { penalty: number; slope: Float64Array } {
  const all = Array.from({ length: p }, (_, t) => t);
  const spread = all.filter((t) => sums.covariance.get(t, t) > 0);
  const slope = new Float64Array(p);
  if (spread.length === 0) return { penalty: 0, slope };
  const covariance =
    spread.length === p ? sums.covariance : sums.covariance.selection(spread, spread);
  const decomposition = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const vectors = decomposition.eigenvectorMatrix;
  const values = decomposition.realEigenvalues.map((value) => Math.max(0, value));
  const along = vectors
    .transpose()
    .mmul(Dense.columnVector(spread.map((t) => sums.cross[t]!)))
    .to1DArray();
  const meanValue = Math.max(1e-12, values.reduce((total, value) => total + value, 0) / p);
  let best = { penalty: 0, error: Number.POSITIVE_INFINITY };
  for (const relative of penalties) {
    const penalty = relative * meanValue;
    let residual = sums.targetSquares;
    let freedom = 1;
    values.forEach((value, v) => {
      const share = 1 / (value + penalty);
      residual -= along[v]! ** 2 * share * (2 - value * share);
      freedom += value * share;
    });
    const spare = Math.max(1e-3, 1 - freedom / sums.totalWeight);
    const error = Math.max(0, residual) / spare ** 2;
    if (error < best.error) best = { penalty, error };
  }
  const scaled = along.map((c, v) => c / (values[v]! + best.penalty));
  const found = vectors.mmul(Dense.columnVector(scaled)).to1DArray();
  spread.forEach((t, place) => {
    slope[t] = found[place]!;
  });
  return { penalty: best.penalty, slope };
}

/** Sums over weighted rows, with terms and targets centred. */
export interface Sums {
  readonly totalWeight: number;
  readonly meanTerms: Float64Array;
  readonly meanTarget: number;
  /** Centred second moments, summed over rows. Shape (p, p). */
  readonly covariance: Dense;
  readonly cross: Float64Array;
  /** Σ w (y − mean y)². */
  readonly targetSquares: number;
}

function accumulate({ X, y, weights }: RidgeSamples, degree: 1 | 2, p: number): Sums {
  const meanTerms = new Float64Array(p);
  const terms = new Float64Array(p);
  let totalWeight = 0;
  let meanTarget = 0;
  eachRow(X, weights, (row, weight, i) => {
    writeTerms(row, degree, terms);
    totalWeight += weight;
    meanTarget += weight * y[i]!;
    for (let t = 0; t < p; t++) meanTerms[t]! += weight * terms[t]!;
  });
  if (totalWeight === 0) throw new BailiwickError("TOO_FEW_ROWS", "at least one row needs weight");
  meanTarget /= totalWeight;
  for (let t = 0; t < p; t++) meanTerms[t]! /= totalWeight;
  const varying = termsThatVary({ X, weights }, degree, p);
  const nVarying = varying.length;
  const flat = new Float64Array(nVarying * nVarying);
  const centred = new Float64Array(nVarying);
  const cross = new Float64Array(p);
  let targetSquares = 0;
  eachRow(X, weights, (row, weight, i) => {
    writeTerms(row, degree, terms);
    for (let v = 0; v < nVarying; v++) centred[v] = terms[varying[v]!]! - meanTerms[varying[v]!]!;
    targetSquares += weight * (y[i]! - meanTarget) ** 2;
    for (let a = 0; a < nVarying; a++) {
      const scaled = weight * centred[a]!;
      cross[varying[a]!]! += scaled * (y[i]! - meanTarget);
      for (let b = a; b < nVarying; b++) flat[a * nVarying + b]! += scaled * centred[b]!;
    }
  });
  const covariance = new Dense(p, p);
  for (let a = 0; a < nVarying; a++) {
    for (let b = a; b < nVarying; b++) {
      covariance.set(varying[a]!, varying[b]!, flat[a * nVarying + b]!);
      covariance.set(varying[b]!, varying[a]!, flat[a * nVarying + b]!);
    }
  }
  return { totalWeight, meanTerms, meanTarget, covariance, cross, targetSquares };
}

/** The terms that have two values, ascending. */
function termsThatVary(
  { X, weights }: Pick<RidgeSamples, "X" | "weights">,
  degree: 1 | 2,
  p: number,
): Int32Array {
  const terms = new Float64Array(p);
  const first = new Float64Array(p).fill(Number.NaN);
  const varies = new Uint8Array(p);
  eachRow(X, weights, (row) => {
    writeTerms(row, degree, terms);
    for (let t = 0; t < p; t++) {
      if (Number.isNaN(first[t]!)) first[t] = terms[t]!;
      else if (terms[t] !== first[t]) varies[t] = 1;
    }
  });
  return Int32Array.from(Array.from(varies.keys()).filter((t) => varies[t] === 1));
}

function eachRow(
  X: Matrix,
  weights: Float32Array | null,
  visit: (row: Float32Array, weight: number, i: number) => void,
): void {
  for (let i = 0; i < X.nRows; i++) {
    const weight = weights === null ? 1 : weights[i]!;
    if (weight > 0) visit(X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns), weight, i);
  }
}
