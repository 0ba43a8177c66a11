/**
 * A random forest (Breiman 2001): deep trees, each on rows drawn with replacement, every node
 * choosing among a random part of the columns; their answers are averaged.
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import type { Samples, TreesExpert } from "../expert.ts";
import { binColumns } from "./bins.ts";
import { chooseColumns, packTrees, scale, weightOf } from "./fit.ts";
import { growTree, type Tree } from "./tree.ts";

const N_TREES = 100;
const MAX_DEPTH = 24;
const COLUMN_SHARE = 0.4;
/** Rows of a leaf: few where there are few rows, since a forest is as large as its rows. */
const LEAF_ROWS = { few: 1, many: 3, manyFrom: 10_000 };

/** @throws TOO_FEW_ROWS without a row of weight. */
export function fitForest(samples: Samples, seed: number): TreesExpert {
  const { X, y } = samples;
  checkLength("y.length", y.length, X.nRows);
  const rows = Array.from({ length: X.nRows }, (_, i) => i).filter((i) => weightOf(samples, i) > 0);
  if (rows.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "a forest needs at least one row, got 0");
  }
  const bins = binColumns(X);
  const weights = Float64Array.from({ length: X.nRows }, (_, i) => weightOf(samples, i));
  const residuals = Float64Array.from(y);
  const minRows = rows.length < LEAF_ROWS.manyFrom ? LEAF_ROWS.few : LEAF_ROWS.many;
  const shape = { depth: MAX_DEPTH, minRows, shrinkage: 0 };
  const rng = createRng(childSeed(seed, "forest"));
  const columns = (): readonly number[] => chooseColumns(X, rng, COLUMN_SHARE);
  const trees = Array.from({ length: N_TREES }, (): Tree => {
    const drawn = Int32Array.from(rows, () => rows[rng.int(rows.length)]!);
    const tree = growTree({ bins, rows: drawn, residuals, weights, columns }, shape);
    scale(tree, 1 / N_TREES);
    return tree;
  });
  return packTrees(0, trees, X.nColumns);
}
