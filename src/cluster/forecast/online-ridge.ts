/**
 * Ridge regression from weighted sums that forget: rows are added one by one and not kept.
 *
 * The sums are those of (1, terms, target) with each other, lower triangle, row by row. The
 * intercept is not penalised. The equations are solved by ml-matrix.
 */
import { CholeskyDecomposition, Matrix } from "ml-matrix";

export interface OnlineRidge {
  /** @param terms - Shape (p,). */
  add(terms: Float64Array, target: number, weight: number): void;
  /** Drops all rows; the coefficients stay until the next fit. */
  drop(): void;
  /** Computes the coefficients. Cost: O(p³). */
  fit(): void;
  /** NaN before the first fit. */
  answer(terms: Float64Array): number;
  /** Intercept first, shape (1 + p,); null before the first fit. */
  coefficients(): Float64Array | null;
}

export interface OnlineRidgeOptions {
  /** By how much a row counts less when the next one is added: 1 forgets nothing. */
  readonly keep: number;
  /** In units of the mean variance of a term. */
  readonly penalty: number;
}

/** Less spread than this share of the mean square is rounding. */
const ROUNDING = 1e-13;

/** @param p - Terms of a row. */
export function createOnlineRidge(p: number, { keep, penalty }: OnlineRidgeOptions): OnlineRidge {
  const width = p + 2;
  const sums = new Float64Array((width * (width + 1)) / 2);
  const row = new Float64Array(width);
  row[0] = 1;
  let coefficients: Float64Array | null = null;
  const sum = (a: number, b: number): number => sums[(a * (a + 1)) / 2 + b]!;
  /** Weighted covariance of columns a ≥ b, times the total weight. */
  const spread = (a: number, b: number): number => sum(a, b) - (sum(a, 0) * sum(b, 0)) / sum(0, 0);
  return {
    add(terms, target, weight) {
      row.set(terms, 1);
      row[width - 1] = target;
      for (let a = 0, at = 0; a < width; a++) {
        const factor = weight * row[a]!;
        for (let b = 0; b <= a; b++, at++) sums[at] = keep * sums[at]! + factor * row[b]!;
      }
    },
    drop: () => {
      sums.fill(0);
    },
    fit() {
      const weight = sum(0, 0);
      const slope = new Float64Array(p);
      let [total, squares] = [0, 0];
      for (let a = 1; a <= p; a++) {
        total += spread(a, a);
        squares += sum(a, a);
      }
      if (total > ROUNDING * squares) {
        const moments = Matrix.zeros(p, p);
        for (let a = 0; a < p; a++) {
          for (let b = 0; b <= a; b++) {
            const value = spread(a + 1, b + 1);
            moments.set(a, b, value);
            moments.set(b, a, value);
          }
          moments.set(a, a, moments.get(a, a) + (penalty * total) / (p * weight));
        }
        const cross = Matrix.columnVector(Array.from(slope, (_, a) => spread(p + 1, a + 1)));
        slope.set(new CholeskyDecomposition(moments).solve(cross).to1DArray());
      }
      let intercept = sum(p + 1, 0) / weight;
      for (let a = 0; a < p; a++) intercept -= (slope[a]! * sum(a + 1, 0)) / weight;
      coefficients = Float64Array.of(intercept, ...slope);
    },
    answer(terms) {
      if (coefficients === null) return Number.NaN;
      let answer = coefficients[0]!;
      for (let a = 0; a < p; a++) answer += coefficients[a + 1]! * terms[a]!;
      return answer;
    },
    coefficients: () => coefficients?.slice() ?? null,
  };
}
