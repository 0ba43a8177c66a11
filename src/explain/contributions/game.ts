/**
 * The game of one row: a coalition of columns is worth the answer to the row that has the explained
 * row's cells in these columns and a background row's in the others.
 */
import type { Matrix } from "../../shared/matrix.ts";
import type { Background } from "./background.ts";
import type { Players } from "./players.ts";

/** A preprocessed row, and what it is compared with. */
export interface Explained {
  /** Shape (nInputs,). */
  readonly x: Float32Array;
  readonly background: Background;
  readonly players: Players;
}

/** The answers to preprocessed rows. Shape (nRows,). */
export type Answerer = (X: Matrix) => Float64Array;

/** The columns in which the row differs from background row `r`: others contribute nothing. */
export function differingColumns(
  { x, background: { X }, players: { columns, ofInput } }: Explained,
  r: number,
): Int32Array {
  const differs = new Uint8Array(columns.length);
  x.forEach((value, j) => {
    if (value !== X.values[r * X.nColumns + j]) differs[ofInput[j]!] = 1;
  });
  return Int32Array.from(columns.keys()).filter((column) => differs[column] === 1);
}
