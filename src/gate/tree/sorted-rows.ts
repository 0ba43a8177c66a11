/**
 * The rows of a tree's node, listed once for each feature in that feature's order, so that no node
 * sorts: a node's lists are its parent's, divided.
 */
import type { Matrix } from "../../shared/matrix.ts";

/** One list of the same rows for each feature, ascending in it. */
export type SortedRows = readonly Int32Array[];

/** Cost: O(features · rows · log rows). */
export function sortRows({ values, nColumns }: Matrix, rows: Int32Array): SortedRows {
  return Array.from({ length: nColumns }, (_, j) =>
    rows.slice().sort((a, b) => values[a * nColumns + j]! - values[b * nColumns + j]! || a - b),
  );
}

/** The rows at or below a threshold of one feature, and the others, both in order. */
export function divideRows(
  sorted: SortedRows,
  { values, nColumns }: Matrix,
  { feature, threshold }: { readonly feature: number; readonly threshold: number },
): readonly [SortedRows, SortedRows] {
  const below: Int32Array[] = [];
  const above: Int32Array[] = [];
  for (const list of sorted) {
    const [left, right] = [new Int32Array(list.length), new Int32Array(list.length)];
    let nLeft = 0;
    let nRight = 0;
    for (const i of list) {
      if (values[i * nColumns + feature]! <= threshold) left[nLeft++] = i;
      else right[nRight++] = i;
    }
    below.push(left.subarray(0, nLeft));
    above.push(right.subarray(0, nRight));
  }
  return [below, above];
}
