/**
 * Exact Shapley values of trees by the paths that mixtures of two rows can take.
 *
 * Against one background row, a coalition's row has the explained row's cells in the columns of the
 * coalition. A node divides the coalitions only where the two rows go different ways; a leaf that
 * needs the s columns of S in the coalition and the t columns of T out of it gives each of S
 * value · (s − 1)! t! / (s + t)! and takes value · s! (t − 1)! / (s + t)! from each of T.
 * Cost: at most the number of leaves, for each tree and background row.
 * Source: interventional TreeSHAP, Lundberg et al. 2020, with columns of several inputs.
 */
import type { TreesExpert } from "../../experts/index.ts";
import type { Explained } from "./game.ts";

/** Adds the values of the row against each background row. Modifies `into`. */
export function addTreeShares(trees: TreesExpert, explained: Explained, into: Float64Array): void {
  const { x, background, players } = explained;
  const { X, weights } = background;
  const sides = new Int8Array(players.columns.length);
  for (let r = 0; r < X.nRows; r++) {
    const b = X.values.subarray(r * X.nColumns, (r + 1) * X.nColumns);
    const pair: Pair = { trees, x, b, ofInput: players.ofInput, sides, weight: weights[r]!, into };
    for (const root of trees.roots) walk(pair, root, 0, 0);
  }
}

interface Pair {
  readonly trees: TreesExpert;
  readonly x: Float32Array;
  readonly b: Float32Array;
  readonly ofInput: Int32Array;
  /** 1 for a column that the path needs from x, −1 from b, 0 for neither. Restored after a walk. */
  readonly sides: Int8Array;
  readonly weight: number;
  readonly into: Float64Array;
}

/** Follows both rows from a node on; `nX` columns are needed from x so far, `nB` from b. */
function walk(pair: Pair, node: number, nX: number, nB: number): void {
  const { trees, x, b, ofInput, sides } = pair;
  const input = trees.features[node]!;
  if (input < 0) {
    shareLeaf(pair, trees.values[node]!, nX, nB);
    return;
  }
  const threshold = trees.thresholds[node]!;
  const first = trees.children[node]!;
  const childOfX = first + (x[input]! <= threshold ? 0 : 1);
  const childOfB = first + (b[input]! <= threshold ? 0 : 1);
  const column = ofInput[input]!;
  const side = sides[column]!;
  if (childOfX === childOfB || side !== 0) {
    walk(pair, side < 0 ? childOfB : childOfX, nX, nB);
    return;
  }
  sides[column] = 1;
  walk(pair, childOfX, nX + 1, nB);
  sides[column] = -1;
  walk(pair, childOfB, nX, nB + 1);
  sides[column] = 0;
}

function shareLeaf({ sides, weight, into }: Pair, value: number, nX: number, nB: number): void {
  if (nX + nB === 0) return;
  const given = nX === 0 ? 0 : weight * value * partOfOrders(nX, nB);
  const taken = nB === 0 ? 0 : weight * value * partOfOrders(nB, nX);
  for (let column = 0; column < sides.length; column++) {
    if (sides[column]! > 0) into[column]! += given;
    else if (sides[column]! < 0) into[column]! -= taken;
  }
}

/** (s − 1)! t! / (s + t)! for s ≥ 1, which is 1 / (s · C(s + t, t)). */
function partOfOrders(s: number, t: number): number {
  let binomial = 1;
  for (let i = 1; i <= t; i++) binomial = (binomial * (s + i)) / i;
  return 1 / (s * binomial);
}
