/** The sum of all trees' values for a row. */
import type { Matrix } from "../../shared/matrix.ts";
import type { TreesExpert } from "../expert.ts";

/**
 * All rows pass a tree before the next: its nodes stay near.
 *
 * @param into - Of shape (nRows,); written to and returned if given.
 */
export function predictTrees(
  { base, features, thresholds, children, values, roots }: TreesExpert,
  { values: cells, nRows, nColumns }: Matrix,
  into: Float32Array = new Float32Array(nRows),
): Float32Array {
  const sums = new Float64Array(nRows).fill(base);
  for (const root of roots) {
    for (let i = 0, start = 0; i < nRows; i++, start += nColumns) {
      let node = root;
      for (let feature = features[node]!; feature >= 0; feature = features[node]!) {
        const goesRight = !(cells[start + feature]! <= thresholds[node]!);
        node = children[node]! + (goesRight ? 1 : 0);
      }
      sums[i]! += values[node]!;
    }
  }
  into.set(sums);
  return into;
}
