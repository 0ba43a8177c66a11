/**
 * Gradient boosting of shallow trees on binned inputs (Friedman 2001; bins as in LightGBM: Ke et
 * al. 2017). Depth and number of trees are chosen on rows held out of the training rows.
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { childSeed, createRng, type Rng, shuffle } from "../../shared/rng.ts";
import type { Samples, TreesExpert } from "../expert.ts";
import { type Bins, binColumns } from "./bins.ts";
import { growTree, type Tree, treeValue } from "./tree.ts";

const DEPTHS = [2, 4, 6];
const LEARNING_RATE = 0.06;
const HOLD_OUT_SHARE = 0.2;
/** All rows need a few trees more than those that were left for choosing. */
const MORE_TREES = 1.15;
const MIN_TREES = 30;
const ROW_SHARE = 0.8;
const COLUMN_SHARE = 0.8;

/** @throws TOO_FEW_ROWS without a row of weight. */
export function fitTrees(samples: Samples, seed: number): TreesExpert {
  const { X, y } = samples;
  checkLength("y.length", y.length, X.nRows);
  const rows = Array.from({ length: X.nRows }, (_, i) => i).filter((i) => weightOf(samples, i) > 0);
  if (rows.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "trees need at least one row, got 0");
  }
  const bins = binColumns(X);
  const { depth, nTrees } = chooseSize(samples, bins, rows, seed);
  const rng = createRng(childSeed(seed, "trees"));
  const { base, trees } = boost(samples, bins, rows, { depth, nTrees, rng });
  return packTrees(base, trees, X.nColumns);
}

export function weightOf({ weights }: Samples, i: number): number {
  return weights === null ? 1 : weights[i]!;
}

interface Size {
  readonly depth: number;
  readonly nTrees: number;
}

/** By groups where there are any: rows of one group are held out together. */
function chooseSize(samples: Samples, bins: Bins, rows: readonly number[], seed: number): Size {
  const rng = createRng(childSeed(seed, "size"));
  const held = heldOut(samples, rows, rng);
  const seen = rows.filter((i) => !held.has(i));
  const unseen = rows.filter((i) => held.has(i));
  if (seen.length === 0 || unseen.length === 0) return { depth: DEPTHS[0]!, nTrees: MIN_TREES };
  const most = rows.length > 3000 ? 300 : 500;
  let best = { depth: DEPTHS[0]!, nTrees: MIN_TREES, loss: Number.POSITIVE_INFINITY };
  for (const depth of DEPTHS) {
    const { base, trees } = boost(samples, bins, seen, { depth, nTrees: most, rng });
    const answers = unseen.map(() => base);
    trees.forEach((tree, t) => {
      let loss = 0;
      unseen.forEach((i, u) => {
        answers[u]! += treeValue(tree, samples.X.values, i * samples.X.nColumns);
        loss += weightOf(samples, i) * (answers[u]! - samples.y[i]!) ** 2;
      });
      if (loss >= best.loss) return;
      best = { depth, nTrees: Math.max(MIN_TREES, Math.round(MORE_TREES * (t + 1))), loss };
    });
  }
  return best;
}

function heldOut({ groups }: Samples, rows: readonly number[], rng: Rng): ReadonlySet<number> {
  const keys = groups === null ? rows : [...new Set(rows.map((i) => groups[i]!))];
  const order = Array.from({ length: keys.length }, (_, k) => k);
  shuffle(order, rng);
  const nHeld = Math.max(1, Math.round(HOLD_OUT_SHARE * keys.length));
  const chosen = new Set(order.slice(0, nHeld).map((k) => keys[k]!));
  return new Set(rows.filter((i) => chosen.has(groups === null ? i : groups[i]!)));
}

interface Boosting extends Size {
  readonly rng: Rng;
}

function boost(
  samples: Samples,
  bins: Bins,
  rows: readonly number[],
  { depth, nTrees, rng }: Boosting,
): { readonly base: number; readonly trees: readonly Tree[] } {
  const { X, y } = samples;
  const weights = Float64Array.from({ length: X.nRows }, (_, i) => weightOf(samples, i));
  let [sum, total] = [0, 0];
  for (const i of rows) {
    sum += weights[i]! * y[i]!;
    total += weights[i]!;
  }
  const base = sum / total;
  const answers = new Float64Array(X.nRows).fill(base);
  const residuals = new Float64Array(X.nRows);
  const shape = { depth, minRows: rows.length < 400 ? 3 : 5, shrinkage: 1 };
  const trees: Tree[] = [];
  for (let t = 0; t < nTrees; t++) {
    for (const i of rows) residuals[i] = y[i]! - answers[i]!;
    const used = Int32Array.from(rows.filter(() => rng.uniform() < ROW_SHARE));
    const columns = chooseColumns(X, rng);
    if (used.length === 0) continue;
    const tree = growTree({ bins, rows: used, residuals, weights, columns: () => columns }, shape);
    scale(tree, LEARNING_RATE);
    for (const i of rows) answers[i]! += treeValue(tree, X.values, i * X.nColumns);
    trees.push(tree);
  }
  return { base, trees };
}

/** A random part of the columns, at least one. */
export function chooseColumns(
  { nColumns }: Matrix,
  rng: Rng,
  share: number = COLUMN_SHARE,
): readonly number[] {
  const columns = Array.from({ length: nColumns }, (_, j) => j).filter(() => {
    return rng.uniform() < share;
  });
  return columns.length === 0 ? [rng.int(nColumns)] : columns;
}

export function scale(tree: Tree, rate: number): void {
  tree.values.forEach((value, at) => {
    tree.values[at] = value * rate;
  });
}

/** All trees in flat arrays, one after the other. */
export function packTrees(base: number, trees: readonly Tree[], nFeatures: number): TreesExpert {
  const nNodes = trees.reduce((sum, tree) => sum + tree.values.length, 0);
  const features = new Int32Array(nNodes);
  const thresholds = new Float32Array(nNodes);
  const children = new Int32Array(nNodes);
  const values = new Float32Array(nNodes);
  const roots = new Int32Array(trees.length);
  let at = 0;
  trees.forEach((tree, t) => {
    roots[t] = at;
    tree.values.forEach((value, node) => {
      features[at + node] = tree.features[node]!;
      thresholds[at + node] = tree.thresholds[node]!;
      children[at + node] = tree.features[node]! < 0 ? 0 : roots[t]! + tree.children[node]!;
      values[at + node] = value;
    });
    at += tree.values.length;
  });
  return { kind: "trees", nFeatures, base, features, thresholds, children, values, roots };
}
