/**
 * A tree that sends each row to the expert of least cost, grown from the root.
 *
 * A leaf costs the least total cost of one expert for all its rows; a cut is the one that leaves
 * the least cost if both sides become leaves. A subtree stays if it saves enough for each leaf that
 * it adds, so a cut that saves nothing by itself stays where cuts below it do.
 *
 * Near the root several cuts are tried, each with its full subtree: on a checkerboard no first cut
 * saves cost, and a poor one needs more leaves.
 */
import { bestExpert, type FitNode, LEAF_PRICE, type TreeProblem, totalCosts } from "./fit-node.ts";
import { divideRows, type SortedRows } from "./sorted-rows.ts";

const MAX_DEPTH = 8;
/** Number of cuts tried on each of the first levels. */
const BROAD_DEPTH = 2;
const BROAD_CUTS = 6;
/** Parts of the rows; at most one cut of a feature is tried in each. */
const BLOCKS = 8;
/** Rows on either side of a cut. */
const MIN_ROWS = 5;

interface Grown {
  readonly node: FitNode;
  readonly cost: number;
  readonly nLeaves: number;
}

export function growTree(problem: TreeProblem, rows: SortedRows): FitNode {
  return grow(problem, rows, 0).node;
}

function grow(problem: TreeProblem, rows: SortedRows, depth: number): Grown {
  const { expert, cost } = bestExpert(problem, rows[0]!);
  const leaf: Grown = { node: { expert }, cost, nLeaves: 1 };
  if (depth >= MAX_DEPTH || cost < LEAF_PRICE) return leaf;
  const nTried = depth < BROAD_DEPTH ? BROAD_CUTS : 1;
  const cuts = goodCuts(problem, rows);
  return cuts.slice(0, nTried).reduce((best, { feature, threshold }) => {
    const [below, above] = divideRows(rows, problem.X, { feature, threshold });
    const left = grow(problem, below, depth + 1);
    const right = grow(problem, above, depth + 1);
    const candidate: Grown = {
      node: { feature, threshold, left: left.node, right: right.node },
      cost: left.cost + right.cost,
      nLeaves: left.nLeaves + right.nLeaves,
    };
    return judge(candidate) < judge(best) ? candidate : best;
  }, leaf);
}

/** In nats: the rows' cost and the leaves' price. */
function judge({ cost, nLeaves }: Grown): number {
  return cost + LEAF_PRICE * nLeaves;
}

interface Cut {
  readonly feature: number;
  readonly threshold: number;
  /** If both its sides become leaves. */
  readonly cost: number;
}

/** Cuts that are the best of their feature nearby, the best first. */
function goodCuts(problem: TreeProblem, rows: SortedRows): Cut[] {
  const totals = totalCosts(problem.costs, problem.nExperts, rows[0]!);
  const cuts = rows.flatMap((list, feature) => {
    const blocks = blockCuts(problem, list, { feature, totals });
    const costOf = (b: number): number => blocks[b]?.cost ?? Number.POSITIVE_INFINITY;
    return blocks.filter(
      (cut, b) => cut !== undefined && cut.cost < costOf(b - 1) && cut.cost <= costOf(b + 1),
    );
  });
  return cuts.filter((cut) => cut !== undefined).sort((a, b) => a.cost - b.cost);
}

/** The best cut within each block of rows; undefined for blocks without a cut. */
function blockCuts(
  { X, costs, nExperts }: TreeProblem,
  rows: Int32Array,
  { feature, totals }: { readonly feature: number; readonly totals: Float64Array },
): (Cut | undefined)[] {
  const left = new Float64Array(nExperts);
  const best = new Array<Cut | undefined>(BLOCKS).fill(undefined);
  for (let p = 0; p + 1 < rows.length; p++) {
    const i = rows[p]!;
    for (let k = 0; k < nExperts; k++) left[k]! += costs[i * nExperts + k]!;
    if (p + 1 < MIN_ROWS || rows.length - p - 1 < MIN_ROWS) continue;
    const from = X.values[i * X.nColumns + feature]!;
    const to = X.values[rows[p + 1]! * X.nColumns + feature]!;
    if (from === to) continue;
    const cost = leastOfSides(left, totals);
    const block = Math.floor((BLOCKS * p) / rows.length);
    const current = best[block];
    if (current === undefined || cost < current.cost) {
      best[block] = { feature, threshold: (from + to) / 2, cost };
    }
  }
  return best;
}

function leastOfSides(left: Float64Array, totals: Float64Array): number {
  let [below, above] = [left[0]!, totals[0]! - left[0]!];
  for (let k = 1; k < left.length; k++) {
    below = Math.min(below, left[k]!);
    above = Math.min(above, totals[k]! - left[k]!);
  }
  return below + above;
}
