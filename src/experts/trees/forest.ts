/**
 * A forest of extremely randomised trees (Geurts, Ernst and Wehenkel 2006): deep trees on the same
 * rows, every node choosing among cuts drawn at random; their answers are averaged.
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import type { Samples, TreesExpert } from "../expert.ts";
import { weighedRows, weightsOf } from "../weights.ts";
import { scaleTree } from "./boost.ts";
import { packTrees } from "./pack.ts";
import { growRandomTree } from "./random-tree.ts";
import { someOf } from "./rows.ts";
import type { Tree } from "./tree.ts";

const N_TREES = 100;
/** Most rows of a tree: with more, a forest would be larger than its rows. */
const MAX_ROWS = 50_000;
const MAX_DEPTH = 30;
/** Least weight of a leaf: small for few rows, because a forest grows with its rows. */
const LEAF_WEIGHT = { few: 1, many: 2, manyFrom: 10_000 };

/** What a level of a tree costs for a cell, beside a multiply-add; measured. */
const CELL_COST = 0.4;

/** Multiply-adds of a fit, about: every level of every tree looks at all cells. */
export function forestFitCost({ nRows, nInputs }: { nRows: number; nInputs: number }): number {
  const depth = Math.min(MAX_DEPTH, Math.log2(Math.max(2, nRows)));
  return N_TREES * Math.min(nRows, MAX_ROWS) * depth * nInputs * CELL_COST;
}

/** @throws TOO_FEW_ROWS without a row of weight. */
export function fitForest(samples: Samples, seed: number): TreesExpert {
  const { X, y } = samples;
  checkLength("y.length", y.length, X.nRows);
  const rows = weighedRows(samples);
  if (rows.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "a forest needs at least one row, got 0");
  }
  const weights = weightsOf(samples);
  const residuals = Float64Array.from(y);
  const { few, many, manyFrom } = LEAF_WEIGHT;
  const minWeight = rows.length < manyFrom ? few : many;
  const shape = { depth: MAX_DEPTH, minWeight, shrinkage: 0 };
  const rng = createRng(childSeed(seed, "forest"));
  const trees = Array.from({ length: N_TREES }, (): Tree => {
    const drawn = Int32Array.from(someOf([...rows], MAX_ROWS, rng));
    const { tree } = growRandomTree({ X, rows: drawn, residuals, weights }, shape, rng);
    scaleTree(tree, 1 / N_TREES);
    return tree;
  });
  return packTrees({ base: 0, trees }, X.nColumns, "forest");
}
