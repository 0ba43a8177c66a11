/** The sum of all trees' values for a row. */
import type { Matrix } from "../../shared/matrix.ts";
import type { TreesExpert } from "../expert.ts";

/** Rows that pass a tree together: its nodes stay near while they do. */
const BLOCK = 512;

/** @param into - Of shape (nRows,); written to and returned if given. */
export function predictTrees(
  trees: TreesExpert,
  X: Matrix,
  into: Float32Array = new Float32Array(X.nRows),
): Float32Array {
  const sums = new Float64Array(Math.min(BLOCK, X.nRows));
  for (let first = 0; first < X.nRows; first += BLOCK) {
    const block = sums.subarray(0, Math.min(BLOCK, X.nRows - first));
    block.fill(trees.base);
    for (const root of trees.roots) addTree(trees, root, X, first, block);
    into.set(block, first);
  }
  return into;
}

/** Adds a tree's values for the rows from `first` on. */
function addTree(
  { features, thresholds, children, values }: TreesExpert,
  root: number,
  X: Matrix,
  first: number,
  sums: Float64Array,
): void {
  for (let r = 0, start = first * X.nColumns; r < sums.length; r++, start += X.nColumns) {
    let node = root;
    for (let feature = features[node]!; feature >= 0; feature = features[node]!) {
      const goesRight = !(X.values[start + feature]! <= thresholds[node]!);
      node = children[node]! + (goesRight ? 1 : 0);
    }
    sums[r]! += values[node]!;
  }
}
