/**
 * A ridge from sums over rows that can be added: rows in several places give their sums, and the
 * sum of these gives the ridge of all rows.
 *
 * With z = (1, terms, y) of a row, the sums are the upper triangle of Σ w z zᵀ, row by row.
 */
import { Matrix as Dense } from "ml-matrix";
import { BailiwickError, checkLength } from "../shared/errors.ts";
import type { RidgeExpert } from "./expert.ts";
import { type RidgeSamples, type Sums, solveRidge, writeTerms } from "./ridge.ts";
import { countTerms } from "./ridge-answers.ts";

type RidgeForm = Pick<RidgeExpert, "nFeatures" | "degree">;

/** A term's variance below this share of its mean square is rounding: the term is constant. */
const LEAST_SPREAD = 1e-9;

export function countRidgeSums({ nFeatures, degree }: RidgeForm): number {
  const size = countTerms(nFeatures, degree) + 2;
  return (size * (size + 1)) / 2;
}

/** Cost: O(n·p²) for p terms. */
export function ridgeSums({ X, y, weights }: RidgeSamples, degree: 1 | 2): Float64Array {
  checkLength("y.length", y.length, X.nRows);
  const p = countTerms(X.nColumns, degree);
  const z = new Float64Array(p + 2);
  const terms = z.subarray(1, p + 1);
  const sums = new Float64Array(countRidgeSums({ nFeatures: X.nColumns, degree }));
  for (let i = 0; i < X.nRows; i++) {
    const weight = weights === null ? 1 : weights[i]!;
    if (weight === 0) continue;
    z[0] = 1;
    writeTerms(X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns), degree, terms);
    z[p + 1] = y[i]!;
    let at = 0;
    for (let a = 0; a < z.length; a++) {
      const scaled = weight * z[a]!;
      for (let b = a; b < z.length; b++) sums[at++]! += scaled * z[b]!;
    }
  }
  return sums;
}

/**
 * The ridge of all rows whose sums were added.
 *
 * @throws TOO_FEW_ROWS if no row had a positive weight; SHAPE_MISMATCH for sums of another form.
 */
export function ridgeOfSums(sums: Float64Array, form: RidgeForm): RidgeExpert {
  checkLength("sums.length", sums.length, countRidgeSums(form));
  if (!(sums[0]! > 0)) {
    throw new BailiwickError("TOO_FEW_ROWS", "at least one row needs weight");
  }
  return solveRidge(centred(sums, form), form);
}

function centred(sums: Float64Array, { nFeatures, degree }: RidgeForm): Sums {
  const p = countTerms(nFeatures, degree);
  const size = p + 2;
  const at = (a: number, b: number): number => sums[a * size - (a * (a - 1)) / 2 + (b - a)]!;
  const totalWeight = at(0, 0);
  const meanOf = (a: number): number => at(0, a) / totalWeight;
  const centredAt = (a: number, b: number): number =>
    at(a, b) - totalWeight * meanOf(a) * meanOf(b);
  const hasNoSpread = (a: number): boolean => centredAt(a, a) <= LEAST_SPREAD * at(a, a);
  // A product with a constant input is another term again.
  const isConstant = inputsOfTerms(nFeatures, degree).map((inputs, t) => {
    return hasNoSpread(t + 1) || inputs.some((input) => hasNoSpread(input + 1));
  });
  const covariance = new Dense(p, p);
  for (let a = 0; a < p; a++) {
    for (let b = a; b < p; b++) {
      const value = isConstant[a] || isConstant[b] ? 0 : centredAt(a + 1, b + 1);
      covariance.set(a, b, value);
      covariance.set(b, a, value);
    }
  }
  return {
    totalWeight,
    meanTerms: Float64Array.from({ length: p }, (_, t) => meanOf(t + 1)),
    meanTarget: meanOf(p + 1),
    covariance,
    cross: Float64Array.from({ length: p }, (_, t) => {
      return isConstant[t] ? 0 : centredAt(t + 1, p + 1);
    }),
    targetSquares: centredAt(p + 1, p + 1),
  };
}

/** The inputs of each term, as `writeTerms` has them. */
function inputsOfTerms(nFeatures: number, degree: 1 | 2): readonly (readonly number[])[] {
  const single = Array.from({ length: nFeatures }, (_, a) => [a]);
  if (degree === 1) return single;
  return [
    ...single,
    ...single.flatMap(([a]) =>
      Array.from({ length: nFeatures - a! }, (_, offset) => [a!, a! + offset]),
    ),
  ];
}
