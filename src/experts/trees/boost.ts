/** Boosting: every tree is fitted to the residuals of the earlier trees (Friedman 2001). */
import type { Matrix } from "../../shared/matrix.ts";
import type { Rng } from "../../shared/rng.ts";
import type { Samples } from "../expert.ts";
import { weightsOf } from "../weights.ts";
import { growBestTree } from "./best-tree.ts";
import type { Bins } from "./bins.ts";
import { growRandomTree } from "./random-tree.ts";
import { type Tree, type TreeShape, treeValue } from "./tree.ts";

/** Where a node cuts a column: where most is gained, or anywhere between its rows' values. */
export type Cuts = "best" | "random";

/** How trees are boosted. */
export interface TreesSettings {
  readonly cuts: Cuts;
  readonly depth: number;
  readonly nTrees: number;
}

export interface Boosted {
  readonly base: number;
  readonly trees: readonly Tree[];
}

/** The data that trees are grown from. */
export interface Boosting {
  readonly samples: Samples;
  readonly bins: Bins;
  /** Rows to learn from. */
  readonly rows: readonly number[];
  readonly rng: Rng;
}

const ROW_SHARE = 0.8;
const COLUMN_SHARE = 0.8;
/** Least weight of a leaf's rows. */
const LEAF_WEIGHT = 2;
const SHRINKAGE = 1;
const LEARNING_RATE = 0.05;

/**
 * Grows trees until there are `nTrees`, or until `goesOn`, called after each, returns false.
 *
 * @returns The mean of the targets and the trees, their values scaled by the learning rate.
 */
export function boost(
  { samples, bins, rows, rng }: Boosting,
  { cuts, depth, nTrees }: TreesSettings,
  goesOn: (tree: Tree, base: number) => boolean = () => true,
): Boosted {
  const { X, y } = samples;
  const weights = weightsOf(samples);
  const base = weightedMean(y, weights, rows);
  const answers = new Float64Array(X.nRows).fill(base);
  const residuals = new Float64Array(X.nRows);
  const shape: TreeShape = { depth, minWeight: LEAF_WEIGHT, shrinkage: SHRINKAGE };
  const trees: Tree[] = [];
  for (let t = 0; t < nTrees; t++) {
    for (const i of rows) residuals[i] = y[i]! - answers[i]!;
    const { used, others } = drawRows(rows, rng);
    const columns = chooseColumns(X, rng, COLUMN_SHARE);
    const targets = { rows: used, residuals, weights };
    const { tree, leaves } =
      cuts === "random"
        ? growRandomTree({ ...targets, X }, shape, rng)
        : growBestTree({ ...targets, bins, columns }, shape);
    scaleTree(tree, LEARNING_RATE);
    // Growing has brought the rows of a leaf together: only the others have to look for theirs.
    for (const { id, start, end } of leaves) {
      for (let r = start; r < end; r++) answers[used[r]!]! += tree.values[id]!;
    }
    for (const i of others) answers[i]! += treeValue(tree, X.values, i * X.nColumns);
    trees.push(tree);
    if (!goesOn(tree, base)) break;
  }
  return { base, trees };
}

/** A random share of the rows, and the rest. */
function drawRows(
  rows: readonly number[],
  rng: Rng,
): { readonly used: Int32Array; readonly others: readonly number[] } {
  const used: number[] = [];
  const others: number[] = [];
  for (const i of rows) (rng.uniform() < ROW_SHARE ? used : others).push(i);
  return { used: Int32Array.from(used), others };
}

function weightedMean(y: Float32Array, weights: Float64Array, rows: readonly number[]): number {
  let [sum, total] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * y[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

/** A random part of the columns, at least one. */
export function chooseColumns(
  { nColumns }: Pick<Matrix, "nColumns">,
  rng: Rng,
  share: number,
): readonly number[] {
  const columns = Array.from({ length: nColumns }, (_, j) => j).filter(() => {
    return rng.uniform() < share;
  });
  return columns.length === 0 ? [rng.int(nColumns)] : columns;
}

/** Modifies the tree's values. */
export function scaleTree(tree: Tree, rate: number): void {
  tree.values.forEach((value, at) => {
    tree.values[at] = value * rate;
  });
}
