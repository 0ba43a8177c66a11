/**
 * The whitening map: it gives rows spread 1 in every direction, without correlations.
 *
 * W = L⁻¹ where LLᵀ is the rows' covariance, shrunk so that W exists for few rows, equal rows and
 * dependent columns too. ml-matrix does the algebra.
 */
import { CholeskyDecomposition, Matrix as Dense, inverse } from "ml-matrix";
import type { Matrix } from "../shared/matrix.ts";

/** Most inputs for which correlations are learnt. */
const MAX_CORRELATED = 128;
/** Least spread of an input, in standard deviations of all training rows. */
const MIN_SPREAD = 0.1;
/** Correlations are shrunk by at least this share. */
const MIN_SHRINKAGE = 0.01;

/** For d inputs: the lower triangle of W, row by row; or its diagonal if d is large. */
export function whiteningOf(X: Matrix): Float32Array {
  const { nColumns: d } = X;
  if (d > MAX_CORRELATED) return Float32Array.from(variancesOf(X), (v) => 1 / Math.sqrt(v));
  const W = inverse(new CholeskyDecomposition(shrunkCovariance(X)).lowerTriangularMatrix);
  const triangle = Array.from({ length: d }, (_, a) => W.getRow(a).slice(0, a + 1));
  return Float32Array.from(triangle.flat());
}

/** Shrinks covariances towards 0, more with fewer rows per input; keeps variances. */
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

/** The variance of every input, at least MIN_SPREAD squared. Shape (nColumns,). */
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
