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
    const rest = { ...X, values: X.values.subarray(first * X.nColumns) };
    for (const root of trees.roots) addTree(trees, root, rest, block);
    into.set(block, first);
  }
  return into;
}

/** Adds a tree's values for the first rows of X. */
function addTree(
  { features, thresholds, children, values }: TreesExpert,
  root: number,
  { values: cells, nColumns }: Matrix,
  sums: Float64Array,
): void {
  for (let r = 0, start = 0; r < sums.length; r++, start += nColumns) {
    let node = root;
    for (let feature = features[node]!; feature >= 0; feature = features[node]!) {
      const goesRight = !(cells[start + feature]! <= thresholds[node]!);
      node = children[node]! + (goesRight ? 1 : 0);
    }
    sums[r]! += values[node]!;
  }
}
