/**
 * A grown tree made better: each cut anew, given the subtrees below it, from the leaves up, until
 * the cost of the tree stays.
 *
 * Greedy cuts are those that were best before there were others below them. Here a node's rows cost
 * on the left what the left subtree sends them to, and on the right likewise; the best cut for
 * these costs can only lower the tree's. A subtree that no longer saves its leaves is replaced by
 * its better side. Source: tree alternating optimisation (Carreira-Perpiñán & Tavallali 2018), with
 * the rows' costs in place of misclassified rows.
 */
import type { TreeGate, TreeNode } from "../gate.ts";
import { cutDistribution, leastCutCost, medianCut, type SideCosts } from "./cut-posterior.ts";
import {
  bestExpert,
  type FitCut,
  type FitNode,
  growTree,
  isCut,
  MIN_GAIN,
  type TreeProblem,
} from "./grow.ts";
import { divideRows, type SortedRows, sortRows } from "./sorted-rows.ts";

const MAX_PASSES = 8;
/** Nats by which another feature must be better: equal ones do not change places. */
const LEAST_BETTER = 1e-9;

/** The tree gate of the given rows. */
export function fitTree(problem: TreeProblem, rows: Int32Array): TreeGate {
  const sorted = sortRows(problem.X, rows);
  let tree = growTree(problem, sorted);
  let cost = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    tree = optimise(problem, tree, sorted);
    const reached = rows.reduce((sum, i) => sum + costAt(problem, tree, i), 0);
    if (Math.abs(reached - cost) < LEAST_BETTER) break;
    cost = reached;
  }
  const nodes: TreeNode[] = [];
  flatten(problem, tree, sorted, nodes);
  const { nExperts, X } = problem;
  return { kind: "tree", nExperts, nFeatures: X.nColumns, nodes };
}

function optimise(problem: TreeProblem, node: FitNode, rows: SortedRows): FitNode {
  const all = rows[0]!;
  if (!isCut<FitCut>(node)) {
    return all.length === 0 ? node : { expert: bestExpert(problem, all).expert };
  }
  const [below, above] = divideRows(rows, problem.X, node);
  const left = optimise(problem, node.left, below);
  const right = optimise(problem, node.right, above);
  const sides = sideCosts(problem, { left, right }, all);
  const cut = bestCut(problem, rows, sides);
  const onLeft = sides.totalLeft <= sides.totalRight;
  const kept = onLeft ? left : right;
  const nDropped = countLeaves(onLeft ? right : left);
  const saved = Math.min(sides.totalLeft, sides.totalRight) - (cut?.cost ?? 0);
  if (cut === null || saved < MIN_GAIN * nDropped) return kept;
  return { feature: cut.feature, threshold: cut.threshold, left, right };
}

interface Sides extends SideCosts {
  readonly totalLeft: number;
  readonly totalRight: number;
}

function sideCosts(
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

/** What row i costs where the subtree sends it. */
function costAt({ X, costs, nExperts }: TreeProblem, from: FitNode, i: number): number {
  let node = from;
  while (isCut<FitCut>(node)) {
    node = X.values[i * X.nColumns + node.feature]! <= node.threshold ? node.left : node.right;
  }
  return costs[i * nExperts + node.expert]!;
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

function countLeaves(node: FitNode): number {
  return isCut<FitCut>(node) ? countLeaves(node.left) + countLeaves(node.right) : 1;
}

/** Writes the subtree to `nodes`, its root first, and says where that is. Modifies `nodes`. */
function flatten(problem: TreeProblem, node: FitNode, rows: SortedRows, nodes: TreeNode[]): number {
  const at = nodes.length;
  if (!isCut<FitCut>(node)) {
    nodes.push({ expert: node.expert });
    return at;
  }
  const { feature } = node;
  const sides = sideCosts(problem, node, rows[0]!);
  const ordered = { X: problem.X, feature, rows: rows[feature]! };
  const cut = cutDistribution(ordered, sides);
  if (cut === null) return flatten(problem, node.left, rows, nodes);
  const threshold = medianCut(cut);
  nodes.push({ expert: 0 }); // Its place: it can be written once its sides have theirs.
  const [lower, upper] = divideRows(rows, problem.X, { feature, threshold });
  const left = flatten(problem, node.left, lower, nodes);
  const right = flatten(problem, node.right, upper, nodes);
  nodes[at] = { feature, threshold, ...cut, left, right };
  return at;
}
