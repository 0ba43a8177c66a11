/**
 * Piecewise linear encoding of inputs.
 *
 * A net bends where training puts its kinks; knots at the quantiles of each input give it kinks
 * where the data are. Source: Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical
 * features in tabular deep learning".
 */
import type { Matrix } from "../shared/matrix.ts";

export interface PiecewiseEncoding {
  /** Of each input, ascending; bins lie between them, none where there is one knot alone. */
  readonly knots: readonly Float64Array[];
}

/** Most encoded inputs: training time is proportional to them. */
const MAX_ENCODED = 512;
/** Most encoded values over all rows: each takes 4 bytes on every machine that trains. */
const MAX_CELLS = 100_000_000;
/** Fewer bins add little to the input itself. */
const MIN_BINS = 2;
/** An input with fewer values is not encoded. */
const MIN_VALUES = 4;
/** Least distance of knots, in standardised units, so that no slope is too steep for rounding. */
const MIN_GAP = 0.01;

/**
 * Knots at the quantiles of each input.
 *
 * @param X - Standardised. Shape (nSamples, nFeatures).
 * @param nBins - Bins per input; fewer for many inputs or rows, or few values.
 * @returns null if there is no input to encode, or no room.
 */
export function fitPiecewise(X: Matrix, nBins: number): PiecewiseEncoding | null {
  const sorted = Array.from({ length: X.nColumns }, (_, j) => sortedColumn(X, j));
  const nValues = sorted.map(countValues);
  const nCut = nValues.filter((count) => count >= MIN_VALUES).length;
  const room = Math.min(MAX_ENCODED, Math.floor(MAX_CELLS / X.nRows)) - X.nColumns;
  const most = Math.min(nBins, Math.floor(room / nCut));
  if (nCut === 0 || most < MIN_BINS) return null;
  const knots = sorted.map((column, j) => {
    const count = nValues[j]!;
    return count < MIN_VALUES ? Float64Array.of(0) : knotsOf(column, Math.min(most, count - 1));
  });
  return { knots };
}

function sortedColumn({ values, nRows, nColumns }: Matrix, j: number): Float64Array {
  return Float64Array.from({ length: nRows }, (_, i) => values[i * nColumns + j]!).sort();
}

function countValues(sorted: Float64Array): number {
  return sorted.filter((value, i) => i === 0 || value > sorted[i - 1]!).length;
}

function knotsOf(sorted: Float64Array, nBins: number): Float64Array {
  const knots: number[] = [];
  for (let t = 0; t <= nBins; t++) {
    const knot = sorted[Math.round((t * (sorted.length - 1)) / nBins)]!;
    if (knots.length === 0 || knot >= knots.at(-1)! + MIN_GAP) knots.push(knot);
  }
  return Float64Array.from(knots);
}

/**
 * Each input, and after it its position in each of its bins: −1 before, 1 behind.
 *
 * @param X - Shape (nRows, nFeatures).
 * @returns Shape (nRows, nEncoded), a column a knot.
 */
export function encodePiecewise({ knots }: PiecewiseEncoding, X: Matrix): Matrix {
  const nColumns = knots.reduce((sum, own) => sum + own.length, 0);
  const values = new Float32Array(X.nRows * nColumns);
  let to = 0;
  for (let i = 0; i < X.nRows; i++) {
    for (let j = 0; j < X.nColumns; j++) {
      const inputKnots = knots[j]!;
      const x = X.values[i * X.nColumns + j]!;
      values[to++] = x;
      for (let t = 0; t + 1 < inputKnots.length; t++) {
        const part = (x - inputKnots[t]!) / (inputKnots[t + 1]! - inputKnots[t]!);
        values[to++] = 2 * Math.max(0, Math.min(1, part)) - 1;
      }
    }
  }
  return { values, nRows: X.nRows, nColumns };
}
