/**
 * Fits a tree gate: grows it, optimises it, and computes the distribution of each cut.
 *
 * Cuts of one feature in different branches are merged if they can be the same cut: the rows of all
 * branches then place a boundary that runs through them.
 */
import { createRng, shuffle } from "../../shared/rng.ts";
import type { TreeGate, TreeNode } from "../gate.ts";
import { type CutDistribution, cutDistribution, leastCutCost, medianCut } from "./cut-posterior.ts";
import { type FitCut, type FitNode, isCut, priceOf, type TreeProblem } from "./fit-node.ts";
import { growTree } from "./grow.ts";
import { alignCuts, optimise, sideCosts } from "./optimise.ts";
import { divideRows, type SortedRows, sortRows } from "./sorted-rows.ts";

const MAX_ROUNDS = 4;
const GROWN_ROWS = 5000;
/** Any fixed seed: it draws the same rows in every fit. */
const SAMPLE_SEED = 1;
/** Extra cost that two merged cuts may have, in nats. */
const TOLERATED_COST = 2;

/** The tree gate of the given rows. */
export function fitTree(problem: TreeProblem, rows: Int32Array): TreeGate {
  const sorted = sortRows(problem.X, rows);
  let tree = optimise(problem, growTree(problem, sampleOf(problem, rows, sorted)), sorted);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = optimise(problem, alignCuts(problem, tree, sorted), sorted);
    if (priceOf(problem, next, rows) >= priceOf(problem, tree, rows)) break;
    tree = next;
  }
  const placed: PlacedCut[] = [];
  placeCuts(problem, tree, sorted, placed);
  const distributions = shareCuts(problem, placed);
  const nodes: TreeNode[] = [];
  flatten(tree, distributions, nodes);
  const { nExperts, X } = problem;
  return { kind: "tree", nExperts, nFeatures: X.nColumns, nodes };
}

/** Most rows for the tree's shape; all rows then place its cuts. */
function sampleOf({ X }: TreeProblem, rows: Int32Array, sorted: SortedRows): SortedRows {
  if (rows.length <= GROWN_ROWS) return sorted;
  const order = rows.slice();
  shuffle(order, createRng(SAMPLE_SEED));
  return sortRows(X, order.subarray(0, GROWN_ROWS).sort());
}

/** Merged cuts, their rows, and the rows' costs on either side. */
interface PlacedCut {
  readonly cuts: readonly FitCut[];
  readonly feature: number;
  /** Ascending in the feature. */
  readonly rows: Int32Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly cost: number;
}

/** Lists the cuts of a subtree with the rows that reach them. Modifies `placed`. */
function placeCuts(
  problem: TreeProblem,
  node: FitNode,
  sorted: SortedRows,
  placed: PlacedCut[],
): void {
  if (!isCut(node)) return;
  const { feature } = node;
  const rows = sorted[feature]!;
  const { left, right } = sideCosts(problem, node, rows);
  const cost = leastCutCost({ X: problem.X, feature, rows }, { left, right });
  placed.push({ cuts: [node], feature, rows, left, right, cost });
  const [below, above] = divideRows(sorted, problem.X, node);
  placeCuts(problem, node.left, below, placed);
  placeCuts(problem, node.right, above, placed);
}

/** Merges cuts while two of them can be one, and computes the distribution of each. */
function shareCuts(
  problem: TreeProblem,
  placed: readonly PlacedCut[],
): ReadonlyMap<FitCut, CutDistribution> {
  const groups = [...placed];
  for (let a = 0; a < groups.length; a++) {
    for (let b = a + 1; b < groups.length; b++) {
      const both = join(problem, groups[a]!, groups[b]!);
      if (both === null) continue;
      groups[a] = both;
      groups.splice(b, 1);
      b = a; // The merged cut may fit others that neither of the two did.
    }
  }
  const distributions = new Map<FitCut, CutDistribution>();
  for (const { cuts, feature, rows, left, right } of groups) {
    const distribution = cutDistribution({ X: problem.X, feature, rows }, { left, right });
    if (distribution !== null) for (const cut of cuts) distributions.set(cut, distribution);
  }
  return distributions;
}

/** Two cuts merged into one; null if that costs too much, or if rows pass both. */
function join(problem: TreeProblem, a: PlacedCut, b: PlacedCut): PlacedCut | null {
  if (a.feature !== b.feature || !canShare(a, b)) return null;
  const { X } = problem;
  const { feature } = a;
  const valueAt = (i: number): number => X.values[i * X.nColumns + feature]!;
  const rows = Int32Array.from([...a.rows, ...b.rows]).sort(
    (i, j) => valueAt(i) - valueAt(j) || i - j,
  );
  const left = a.left.map((cost, i) => cost + b.left[i]!);
  const right = a.right.map((cost, i) => cost + b.right[i]!);
  const cost = leastCutCost({ X, feature, rows }, { left, right });
  if (cost > a.cost + b.cost + TOLERATED_COST) return null;
  return { cuts: [...a.cuts, ...b.cuts], feature, rows, left, right, cost };
}

/** Whether no cut of one is above or below a cut of the other. */
function canShare(a: PlacedCut, b: PlacedCut): boolean {
  return a.cuts.every((one) =>
    b.cuts.every((other) => !isWithin(one, other) && !isWithin(other, one)),
  );
}

function isWithin(node: FitNode, cut: FitNode): boolean {
  return node === cut || (isCut(cut) && (isWithin(node, cut.left) || isWithin(node, cut.right)));
}

/**
 * Writes the subtree to `nodes`, its root first, and returns the root's position. Modifies `nodes`.
 */
function flatten(
  node: FitNode,
  distributions: ReadonlyMap<FitCut, CutDistribution>,
  nodes: TreeNode[],
): number {
  const at = nodes.length;
  if (!isCut(node)) {
    nodes.push({ expert: node.expert });
    return at;
  }
  const cut = distributions.get(node);
  // A cut without two different values sends every row to one side.
  if (cut === undefined) return flatten(node.left, distributions, nodes);
  nodes.push({ expert: 0 }); // Reserves its position; it is written when its sides have theirs.
  const left = flatten(node.left, distributions, nodes);
  const right = flatten(node.right, distributions, nodes);
  nodes[at] = { feature: node.feature, threshold: medianCut(cut), ...cut, left, right };
  return at;
}
