/**
 * A ridge from one sum of which one row is a bounded part, so that noise can hide that part.
 *
 * With z = (1, terms) of a row in standardised units, a row is v = (√.8 z / R, √.2 y / Y), scaled
 * down to length 1 if it is longer: weighted least squares, for which a law of all rows holds. The
 * sum is the upper triangle of Σ v vᵀ row by row, with √2 at entries beside the diagonal: its part
 * of one row then has the length ‖v‖² ≤ 1, whatever the row holds. Entries are rounded towards 0 to
 * fixed point row by row, so that sums are exact and the bound holds to the last bit.
 *
 * Squares enter as (x² − 1) / √2: of standardised columns all terms then vary by about 1.
 * Sources: Vu & Slavković 2009 and Wang 2018 (noised sufficient statistics); the rest is ours.
 */
import { Matrix as Dense, EigenvalueDecomposition } from "ml-matrix";
import { checkLength } from "../shared/errors.ts";
import { FIXED_POINT } from "../shared/fixed-point.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { RidgeExpert } from "./expert.ts";
import { countTerms } from "./ridge-answers.ts";

/** How rows become terms, and how long a row may be. */
export interface PrivateForm {
  readonly nFeatures: number;
  /** Inputs, ascending, whose squares and products are terms too. */
  readonly crossed: readonly number[];
  /** R and Y: what z and the standardised target are divided by. */
  readonly radius: number;
  readonly targetRadius: number;
}

/** Of a row's squared length, that of the terms of a row of radius R: noise there costs more. */
const TERMS_SHARE = 0.8;
/** Of the noise's size over all terms, which is added to the diagonal. */
const STRENGTH = 0.7;
/** What a computed length may be off by. */
const ROUNDING = 1e-12;

/** Terms of a row without the intercept. */
export function countPrivateTerms({
  nFeatures,
  crossed,
}: Pick<PrivateForm, "nFeatures" | "crossed">): number {
  return nFeatures + (crossed.length * (crossed.length + 1)) / 2;
}

/** The length of a sum. */
export function countPrivateSums(form: Pick<PrivateForm, "nFeatures" | "crossed">): number {
  const size = countPrivateTerms(form) + 2;
  return (size * (size + 1)) / 2;
}

/**
 * The sum over rows. Two sets that differ by one row have sums whose difference has the length 1 at
 * most; a row that is not finite adds nothing. Cost: O(n·p²) for p terms.
 */
export function privateRidgeSums(
  { X, y }: { readonly X: Matrix; readonly y: Float32Array },
  form: PrivateForm,
): Float64Array {
  checkLength("y.length", y.length, X.nRows);
  checkLength("X.nColumns", X.nColumns, form.nFeatures);
  const v = new Float64Array(countPrivateTerms(form) + 2);
  const sums = new Float64Array(countPrivateSums(form));
  for (let i = 0; i < X.nRows; i++) {
    writeClipped(X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns), y[i]!, form, v);
    let at = 0;
    for (let a = 0; a < v.length; a++) {
      sums[at++]! += Math.trunc(v[a]! * v[a]! * FIXED_POINT);
      const scaled = Math.SQRT2 * v[a]! * FIXED_POINT;
      for (let b = a + 1; b < v.length; b++) sums[at++]! += Math.trunc(scaled * v[b]!);
    }
  }
  for (let at = 0; at < sums.length; at++) sums[at]! /= FIXED_POINT;
  return sums;
}

/** A row's v, of length 1 at most. Modifies `v`. */
function writeClipped(
  x: Float32Array,
  y: number,
  { crossed, radius, targetRadius }: PrivateForm,
  v: Float64Array,
): void {
  const unit = Math.sqrt(TERMS_SHARE) / radius;
  v[0] = unit;
  let at = 1;
  for (const value of x) v[at++] = unit * value;
  crossed.forEach((a, first) => {
    v[at++] = (unit * (x[a]! * x[a]! - 1)) / Math.SQRT2;
    for (const b of crossed.slice(first + 1)) v[at++] = unit * x[a]! * x[b]!;
  });
  v[at] = (Math.sqrt(1 - TERMS_SHARE) * y) / targetRadius;
  let squares = 0;
  for (const value of v) squares += value * value;
  if (!Number.isFinite(squares)) v.fill(0);
  else if (squares > 1 - ROUNDING) {
    const shrink = Math.sqrt((1 - ROUNDING) / squares);
    for (let a = 0; a < v.length; a++) v[a]! *= shrink;
  }
}

/**
 * The squared error that noise adds to a ridge of that form, in standardised units.
 *
 * Of terms without correlation: noise of moments times coefficients, whose squares sum to 1 at
 * most, and noise of the products with the target.
 */
export function addedByNoise(
  form: PrivateForm,
  { nRows, noise }: { readonly nRows: number; readonly noise: number },
): number {
  if (!(nRows > 0)) return Number.POSITIVE_INFINITY;
  const terms = form.radius ** 2 / TERMS_SHARE;
  const target = form.targetRadius ** 2 / (1 - TERMS_SHARE);
  const size = 1 + countPrivateTerms(form);
  return (((size * noise ** 2) / 2) * (terms * (terms + target))) / nRows ** 2;
}

/** What the same sum says without squares and products. */
export function linearPart(
  sums: Float64Array,
  form: PrivateForm,
): { readonly sums: Float64Array; readonly form: PrivateForm } {
  const size = countPrivateTerms(form) + 2;
  const kept = [...Array(form.nFeatures + 1).keys(), size - 1];
  const linear: number[] = [];
  kept.forEach((a, first) => {
    const row = a * size - (a * (a - 1)) / 2;
    for (const b of kept.slice(first)) linear.push(sums[row + b - a]!);
  });
  return { sums: Float64Array.from(linear), form: { ...form, crossed: [] } };
}

export interface PrivateRidge {
  readonly expert: RidgeExpert;
  /** The mean squared error on the rows as the noised sum has it, standardised: a rough figure. */
  readonly mse: number;
}

/**
 * The ridge of a noised sum.
 *
 * Its strength follows from the noise alone, and what noise made negative counts as 0.
 *
 * @param noise - Standard deviation of the noise of a diagonal entry, above 0.
 */
export function ridgeOfPrivateSums(
  sums: Float64Array,
  form: PrivateForm,
  noise: number,
): PrivateRidge {
  checkLength("sums.length", sums.length, countPrivateSums(form));
  const size = countPrivateTerms(form) + 1;
  const full = size + 1;
  const at = (a: number, b: number): number => {
    const value = sums[a * full - (a * (a - 1)) / 2 + (b - a)]!;
    return a === b ? value : value / Math.SQRT2;
  };
  const moments = new Dense(size, size);
  for (let a = 0; a < size; a++) {
    for (let b = a; b < size; b++) {
      moments.set(a, b, at(a, b));
      moments.set(b, a, at(a, b));
    }
  }
  const cross = Dense.columnVector(Array.from({ length: size }, (_, a) => at(a, size)));
  const { eigenvectorMatrix: vectors, realEigenvalues: values } = new EigenvalueDecomposition(
    moments,
    { assumeSymmetric: true },
  );
  const penalty = STRENGTH * noise * Math.sqrt(size);
  const along = vectors.transpose().mmul(cross);
  const weights = vectors.mmul(
    Dense.columnVector(values.map((own, k) => along.get(k, 0) / (Math.max(0, own) + penalty))),
  );
  const answered = weights.transpose().mmul(cross).get(0, 0);
  const squares = weights.transpose().mmul(moments).mmul(weights).get(0, 0);
  const rows = (form.radius ** 2 / TERMS_SHARE) * at(0, 0);
  const errors =
    (form.targetRadius ** 2 / (1 - TERMS_SHARE)) * (at(size, size) - 2 * answered + squares);
  return {
    expert: inMonomials(weights.to1DArray(), form, penalty),
    mse: Math.max(0, errors) / Math.max(1, rows),
  };
}

/** The same answers by x, x² and products, as a ridge of degree 2 has them. */
function inMonomials(
  weights: readonly number[],
  { nFeatures, crossed, radius, targetRadius }: PrivateForm,
  penalty: number,
): RidgeExpert {
  const degree = crossed.length === 0 ? 1 : 2;
  const coefficients = new Float64Array(1 + countTerms(nFeatures, degree));
  const unit = (targetRadius / radius) * Math.sqrt(TERMS_SHARE / (1 - TERMS_SHARE));
  for (let a = 0; a <= nFeatures; a++) coefficients[a] = unit * weights[a]!;
  let at = nFeatures + 1;
  crossed.forEach((a, first) => {
    crossed.slice(first).forEach((b) => {
      const weight = unit * weights[at++]!;
      // Of a product x_a·x_b, a ≤ b, among all of them.
      const place = 1 + nFeatures + a * nFeatures - (a * (a - 1)) / 2 + (b - a);
      coefficients[place] = a === b ? weight / Math.SQRT2 : weight;
      if (a === b) coefficients[0]! -= weight / Math.SQRT2;
    });
  });
  return { kind: "ridge", degree, nFeatures, penalty, coefficients };
}
