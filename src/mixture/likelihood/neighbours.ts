/** Rows near each other in x, by search over all pairs, because there are few enough rows. */
import type { Matrix } from "../../shared/matrix.ts";

/** Neighbours of a row. */
export const NEIGHBOURS = 8;

/** The nearest rows of every row, in no order. Shape (nRows, min(NEIGHBOURS, nRows − 1)). */
export function neighboursOf(X: Matrix): readonly Int32Array[] {
  const all = Int32Array.from({ length: X.nRows }, (_, j) => j);
  return Array.from({ length: X.nRows }, (_, i) => nearestRows(X, i, all));
}

/** The nearest of some rows to row i, itself left out, in no order. */
export function nearestRows(X: Matrix, i: number, among: Int32Array): Int32Array {
  const count = Math.min(NEIGHBOURS, among.length - 1);
  const rows = new Int32Array(count);
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let place = 0;
  for (const j of among) {
    if (j === i) continue;
    const distance = squaredDistance(X, { i, j, most: distances[place]! });
    if (distance >= distances[place]!) continue;
    rows[place] = j;
    distances[place] = distance;
    for (let p = 0; p < count; p++) if (distances[p]! > distances[place]!) place = p;
  }
  return rows;
}

/** The distance of rows i and j, or anything beyond `most` if it is that far. */
function squaredDistance(
  { values, nColumns }: Matrix,
  { i, j, most }: { readonly i: number; readonly j: number; readonly most: number },
): number {
  let sum = 0;
  for (let c = 0; c < nColumns && sum <= most; c++) {
    const difference = values[i * nColumns + c]! - values[j * nColumns + c]!;
    sum += difference * difference;
  }
  return sum;
}

/** Of the rows that qualify, the nearest to row i; −1 if none does. */
export function nearest(X: Matrix, i: number, qualifies: (row: number) => boolean): number {
  let best = -1;
  let most = Number.POSITIVE_INFINITY;
  for (let j = 0; j < X.nRows; j++) {
    if (!qualifies(j)) continue;
    const distance = squaredDistance(X, { i, j, most });
    if (distance >= most) continue;
    most = distance;
    best = j;
  }
  return best;
}
