/** The sum of all trees' values for a row. */
import type { Matrix } from "../../shared/matrix.ts";
import type { TreesExpert } from "../expert.ts";

/** @param into - Of shape (nRows,); written to and returned if given. */
export function predictTrees(
  { base, features, thresholds, children, values, roots }: TreesExpert,
  X: Matrix,
  into: Float32Array = new Float32Array(X.nRows),
): Float32Array {
  for (let i = 0, start = 0; i < X.nRows; i++, start += X.nColumns) {
    let sum = base;
    for (const root of roots) {
      let node = root;
      for (let feature = features[node]!; feature >= 0; feature = features[node]!) {
        const goesRight = !(X.values[start + feature]! <= thresholds[node]!);
        node = children[node]! + (goesRight ? 1 : 0);
      }
      sum += values[node]!;
    }
    into[i] = sum;
  }
  return into;
}
