/**
 * The linear map that makes rows round: of spread 1 in every direction, uncorrelated.
 *
 * W = L⁻¹ where LLᵀ is the rows' covariance, shrunk so that few rows, equal rows and columns that
 * repeat each other have a W too. Algebra by ml-matrix.
 */
import { CholeskyDecomposition, Matrix as Dense, inverse } from "ml-matrix";
import type { Matrix } from "../shared/matrix.ts";

/** With more inputs than these, correlations are not learnt. */
const MAX_CORRELATED = 128;
/** No input's spread is taken to be less, in the standard deviations of all training rows. */
const MIN_SPREAD = 0.1;
/** Correlations are taken to be weaker by this share at least. */
const MIN_SHRINKAGE = 0.01;

/** Of d inputs: the lower triangle of W, row by row; or its diagonal alone if d is large. */
export function whiteningOf(X: Matrix): Float32Array {
  const { nColumns: d } = X;
  if (d > MAX_CORRELATED) return Float32Array.from(variancesOf(X), (v) => 1 / Math.sqrt(v));
  const W = inverse(new CholeskyDecomposition(shrunkCovariance(X)).lowerTriangularMatrix);
  const triangle = Array.from({ length: d }, (_, a) => W.getRow(a).slice(0, a + 1));
  return Float32Array.from(triangle.flat());
}

/** Covariances towards 0, the more the fewer rows there are for an input; variances kept. */
function shrunkCovariance(X: Matrix): Dense {
  const { values, nRows, nColumns: d } = X;
  const centred = Dense.from1DArray(nRows, d, [...values]);
  if (nRows > 0) centred.center("column");
  const covariance = centred.transpose().mmul(centred).div(Math.max(1, nRows));
  covariance.mul(1 - Math.max(MIN_SHRINKAGE, d / (nRows + d)));
  variancesOf(X).forEach((variance, j) => {
    covariance.set(j, j, variance);
  });
  return covariance;
}

/** Of every input, not less than MIN_SPREAD squared. Shape (nColumns,). */
function variancesOf({ values, nRows, nColumns: d }: Matrix): Float64Array {
  const sums = new Float64Array(d);
  const squares = new Float64Array(d);
  values.forEach((value, at) => {
    sums[at % d]! += value / nRows;
  });
  values.forEach((value, at) => {
    squares[at % d]! += (value - sums[at % d]!) ** 2 / nRows;
  });
  return squares.map((square) => Math.max(MIN_SPREAD ** 2, square));
}
