/**
 * Gradient boosting of shallow trees (Friedman 2001), twice: with the best cuts on binned inputs
 * (as LightGBM: Ke et al. 2017) and, of few rows, with cuts drawn at random. The two are averaged.
 * Depth and number of trees of each are chosen on rows held out of the training rows.
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { childSeed, createRng, type Rng, shuffle } from "../../shared/rng.ts";
import type { Samples, TreesExpert } from "../expert.ts";
import { weighedRows, weightsOf } from "../weights.ts";
import { binColumns } from "./bins.ts";
import { type Boosting, boost, type Cuts, scaleTree, type TreesSettings } from "./boost.ts";
import { packTrees } from "./pack.ts";
import { someOf } from "./rows.ts";
import { treeValue } from "./tree.ts";

const MANY_ROWS = 5000;
/** Deep trees need many rows. */
const DEPTHS = { few: [3, 6, 9], many: [6, 9] };
const HOLD_OUT_SHARE = 0.2;
const MAX_TREES = 3000;
/** Most rows on which depth and number are chosen. */
const MAX_TUNING_ROWS = 50_000;
/** Growth stops after this number of trees without improvement. */
const PATIENCE = 60;
/** All rows need a few more trees than the part used for choosing. */
const MORE_TREES = 1.15;
const MIN_TREES = 30;
/** Random cuts gain less each. */
const DEEPER = { best: 0, random: 2 };

/** Trees of a usual fit, including the choice of depth. */
const USUAL_TREES = 2000;

/** Approximate multiply-adds of a fit; the number of trees is unknown beforehand. */
export function treesFitCost({ nRows, nInputs }: { nRows: number; nInputs: number }): number {
  return USUAL_TREES * nRows * nInputs;
}

/**
 * @param settings - Of each run; the answers of all are averaged.
 * @throws TOO_FEW_ROWS without a row of weight.
 */
export function fitTrees(
  samples: Samples,
  seed: number,
  settings: readonly TreesSettings[] = tuneTrees(samples, seed),
): TreesExpert {
  const rows = checkedRows(samples);
  const bins = binColumns(samples.X);
  const runs = settings.map((each, run) => {
    const rng = createRng(childSeed(seed, `trees ${run}`));
    const { base, trees } = boost({ samples, bins, rows, rng }, each);
    for (const tree of trees) scaleTree(tree, 1 / settings.length);
    return { base, trees };
  });
  const trees = runs.flatMap((run) => run.trees);
  return packTrees({ base: runs[0]!.base, trees }, samples.X.nColumns, "trees");
}

/**
 * Two runs: one of the best cuts and, since many rows gain little by it and take longest, below
 * 5,000 rows one of random cuts. Each with the depth and the number of trees of least error on a
 * fifth of the rows, groups kept whole.
 *
 * @param limit - Most trees that are tried in a run.
 * @throws as `fitTrees`.
 */
export function tuneTrees(
  samples: Samples,
  seed: number,
  limit: number = MAX_TREES,
): readonly TreesSettings[] {
  const rng = createRng(childSeed(seed, "size"));
  const rows = someOf(checkedRows(samples), MAX_TUNING_ROWS, rng);
  const held = heldOut(samples, rows, rng);
  const seen = rows.filter((i) => !held.has(i));
  const unseen = rows.filter((i) => held.has(i));
  const size = rows.length < MANY_ROWS ? "few" : "many";
  const depths = DEPTHS[size];
  if (seen.length === 0 || unseen.length === 0) {
    return [{ cuts: "best", depth: depths[0]!, nTrees: MIN_TREES }];
  }
  const bins = binColumns(samples.X);
  const growing = { samples, bins, rows: seen, rng };
  const settingsOf = (cuts: Cuts): TreesSettings => {
    const tried = depths.map((depth) =>
      countTrees(growing, unseen, { cuts, depth: depth + DEEPER[cuts], nTrees: limit }),
    );
    const { depth, nTrees } = tried.reduce((a, b) => (b.loss < a.loss ? b : a));
    return { cuts, depth, nTrees: Math.max(MIN_TREES, Math.round(MORE_TREES * nTrees)) };
  };
  const best = settingsOf("best");
  return [best, size === "few" ? settingsOf("random") : best];
}

/** Boosts while it helps on held-out rows, up to the given number of trees. */
function countTrees(
  own: Boosting,
  unseen: readonly number[],
  settings: TreesSettings,
): TreesSettings & { readonly loss: number } {
  const { X, y } = own.samples;
  const weights = weightsOf(own.samples);
  let best = { ...settings, nTrees: 0, loss: Number.POSITIVE_INFINITY };
  let count = 0;
  const answers = new Float64Array(unseen.length);
  boost(own, settings, (tree, base) => {
    if (count === 0) answers.fill(base);
    count++;
    let loss = 0;
    unseen.forEach((i, u) => {
      answers[u]! += treeValue(tree, X.values, i * X.nColumns);
      loss += weights[i]! * (answers[u]! - y[i]!) ** 2;
    });
    if (loss < best.loss) best = { ...settings, nTrees: count, loss };
    return count < best.nTrees + PATIENCE;
  });
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

function checkedRows(samples: Samples): number[] {
  checkLength("y.length", samples.y.length, samples.X.nRows);
  const rows = weighedRows(samples);
  if (rows.length > 0) return rows;
  throw new BailiwickError("TOO_FEW_ROWS", "trees need at least one row, got 0");
}
