/**
 * Improves a grown tree: optimises each cut again given its subtrees, from the leaves up.
 *
 * Greedy cuts were the best before the cuts below them existed. Here a row's cost on the left is
 * its cost in the left subtree, and likewise on the right; the best cut for these costs can only
 * lower the tree's. A subtree that no longer saves its leaves is replaced by its better side.
 * Source: tree alternating optimisation (Carreira-Perpiñán & Tavallali 2018), with the rows' costs
 * in place of misclassified rows.
 */
import { cutDistribution, leastCutCost, medianCut, type SideCosts } from "./cut-posterior.ts";
import {
  bestExpert,
  costAt,
  countLeaves,
  type FitCut,
  type FitNode,
  isCut,
  LEAF_PRICE,
  priceOf,
  type TreeProblem,
} from "./fit-node.ts";
import { divideRows, type SortedRows } from "./sorted-rows.ts";

const MAX_PASSES = 8;
/** Nats by which something must be better: equal cuts and trees do not change places. */
const LEAST_BETTER = 1e-9;

/** Passes over the whole subtree until its price stays. */
export function optimise(problem: TreeProblem, from: FitNode, rows: SortedRows): FitNode {
  let node = from;
  let price = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    node = optimiseOnce(problem, node, rows);
    const reached = priceOf(problem, node, rows[0]!);
    if (Math.abs(reached - price) < LEAST_BETTER) break;
    price = reached;
  }
  return node;
}

function optimiseOnce(problem: TreeProblem, node: FitNode, rows: SortedRows): FitNode {
  const all = rows[0]!;
  if (!isCut(node)) return all.length === 0 ? node : { expert: bestExpert(problem, all).expert };
  const [below, above] = divideRows(rows, problem.X, node);
  const left = optimiseOnce(problem, node.left, below);
  const right = optimiseOnce(problem, node.right, above);
  const sides = sideCosts(problem, { left, right }, all);
  const cut = bestCut(problem, rows, sides);
  const onLeft = sides.totalLeft <= sides.totalRight;
  const kept = onLeft ? left : right;
  const nDropped = countLeaves(onLeft ? right : left);
  const saved = Math.min(sides.totalLeft, sides.totalRight) - (cut?.cost ?? 0);
  if (cut === null || saved < LEAF_PRICE * nDropped) return kept;
  return { feature: cut.feature, threshold: cut.threshold, left, right };
}

interface Sides extends SideCosts {
  readonly totalLeft: number;
  readonly totalRight: number;
}

/** What the node's rows cost on either side of its cut. */
export function sideCosts(
  problem: TreeProblem,
  sides: Pick<FitCut, "left" | "right">,
  rows: Int32Array,
): Sides {
  const left = new Float64Array(problem.X.nRows);
  const right = new Float64Array(problem.X.nRows);
  let [totalLeft, totalRight] = [0, 0];
  for (const i of rows) {
    left[i] = costAt(problem, sides.left, i);
    right[i] = costAt(problem, sides.right, i);
    totalLeft += left[i]!;
    totalRight += right[i]!;
  }
  return { left, right, totalLeft, totalRight };
}

function bestCut(
  { X }: TreeProblem,
  sorted: SortedRows,
  costs: SideCosts,
): { feature: number; threshold: number; cost: number } | null {
  let best = { feature: -1, cost: Number.POSITIVE_INFINITY };
  sorted.forEach((rows, feature) => {
    const cost = leastCutCost({ X, feature, rows }, costs);
    if (cost < best.cost - LEAST_BETTER) best = { feature, cost };
  });
  const { feature } = best;
  if (feature < 0) return null;
  const cut = cutDistribution({ X, feature, rows: sorted[feature]! }, costs)!;
  return { ...best, threshold: medianCut(cut) };
}

/**
 * Each cut put where a cut of the same feature below it stands, if that makes the tree cheaper.
 *
 * A cut between two boundaries of its feature costs nothing, at any place, and both boundaries
 * are drawn again below it. Where one of them is, it saves the leaves that draw it.
 */
export function alignCuts(problem: TreeProblem, node: FitNode, rows: SortedRows): FitNode {
  if (!isCut(node)) return node;
  let best: FitNode = node;
  let price = priceOf(problem, node, rows[0]!);
  for (const threshold of thresholdsBelow(node, node.feature)) {
    const moved = optimise(problem, { ...node, threshold }, rows);
    const reached = priceOf(problem, moved, rows[0]!);
    if (reached >= price - LEAST_BETTER) continue;
    best = moved;
    price = reached;
  }
  if (!isCut(best)) return best;
  const [below, above] = divideRows(rows, problem.X, best);
  return {
    ...best,
    left: alignCuts(problem, best.left, below),
    right: alignCuts(problem, best.right, above),
  };
}

function thresholdsBelow({ left, right }: FitCut, feature: number): readonly number[] {
  return [left, right].flatMap((node) => {
    if (!isCut(node)) return [];
    const thresholds = node.feature === feature ? [node.threshold] : [];
    return [...thresholds, ...thresholdsBelow(node, feature)];
  });
}
