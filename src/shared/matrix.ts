/**
 * A dense table of numbers: row-major, 32-bit, its shape beside the values.
 *
 * Entry (i, j) is `values[i * nColumns + j]`. 32 bits are what the training engines compute
 * with; a column whose values 32 bits would merge comes as ranks.
 */
import { checkLength } from "./errors.ts";

export interface Matrix {
  readonly values: Float32Array;
  readonly nRows: number;
  readonly nColumns: number;
}

/**
 * A matrix over `values`, not copied. @throws SHAPE_MISMATCH if the length is not nRows * nColumns.
 */
export function matrix(values: Float32Array, nRows: number, nColumns: number): Matrix {
  checkLength("values.length", values.length, nRows * nColumns);
  return { values, nRows, nColumns };
}

/** Row i as a view: writing to it writes to X. */
export function rowOf(X: Matrix, i: number): Float32Array {
  return X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns);
}

/** A copy of the given rows, in the given order. */
export function takeRows(X: Matrix, rows: ArrayLike<number>): Matrix {
  const { nColumns } = X;
  const values = new Float32Array(rows.length * nColumns);
  for (let i = 0, to = 0; i < rows.length; i++) {
    const from = rows[i]! * nColumns;
    for (let j = 0; j < nColumns; j++) values[to++] = X.values[from + j]!;
  }
  return { values, nRows: rows.length, nColumns };
}

/** A copy of the given columns, in the given order. */
export function takeColumns(X: Matrix, columns: readonly number[]): Matrix {
  const { nRows, nColumns } = X;
  const values = new Float32Array(nRows * columns.length);
  for (let i = 0, to = 0; i < nRows; i++) {
    for (const j of columns) values[to++] = X.values[i * nColumns + j]!;
  }
  return { values, nRows, nColumns: columns.length };
}
