/**
 * A tree that sends each row to the expert that costs least there, grown from the root.
 *
 * A leaf costs the least total cost of one expert for all its rows; a cut is the one that leaves
 * the least cost if both sides become leaves. A subtree stays if it saves enough for each leaf that
 * it adds, so a cut that saves nothing by itself stays where cuts below it do.
 */
import type { Matrix } from "../../shared/matrix.ts";
import { divideRows, type SortedRows } from "./sorted-rows.ts";

export interface TreeProblem {
  /** Shape (nRows, nFeatures). */
  readonly X: Matrix;
  /** Cost of each row with each expert, in nats. Shape (nRows, nExperts). */
  readonly costs: Float64Array;
  readonly nExperts: number;
}

export interface FitLeaf {
  readonly expert: number;
}

export interface FitCut {
  readonly feature: number;
  /** Rows at or below go left. */
  readonly threshold: number;
  readonly left: FitNode;
  readonly right: FitNode;
}

export type FitNode = FitLeaf | FitCut;

/** What each leaf beyond the first must save, in nats. */
export const MIN_GAIN = 12;
const MAX_DEPTH = 8;
/** Rows on either side of a cut. */
const MIN_ROWS = 5;

export function isCut<Cut extends object>(node: Cut | FitLeaf): node is Cut {
  return "feature" in node;
}

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
  if (depth >= MAX_DEPTH || cost < MIN_GAIN) return leaf;
  const cut = bestCut(problem, rows);
  if (cut === null) return leaf;
  const [below, above] = divideRows(rows, problem.X, cut);
  const left = grow(problem, below, depth + 1);
  const right = grow(problem, above, depth + 1);
  const nLeaves = left.nLeaves + right.nLeaves;
  const saved = cost - left.cost - right.cost;
  if (saved < MIN_GAIN * (nLeaves - 1)) return leaf;
  const node: FitCut = { ...cut, left: left.node, right: right.node };
  return { node, cost: left.cost + right.cost, nLeaves };
}

/** The expert of least total cost, and that cost. */
export function bestExpert(
  { costs, nExperts }: TreeProblem,
  rows: Int32Array,
): { readonly expert: number; readonly cost: number } {
  const totals = totalCosts(costs, nExperts, rows);
  let expert = 0;
  for (let k = 1; k < nExperts; k++) if (totals[k]! < totals[expert]!) expert = k;
  return { expert, cost: totals[expert]! };
}

function totalCosts(costs: Float64Array, nExperts: number, rows: Int32Array): Float64Array {
  const totals = new Float64Array(nExperts);
  for (const i of rows) for (let k = 0; k < nExperts; k++) totals[k]! += costs[i * nExperts + k]!;
  return totals;
}

/** The cut that costs least if both its sides become leaves; null if no feature can be cut. */
function bestCut(
  { X, costs, nExperts }: TreeProblem,
  rows: SortedRows,
): { readonly feature: number; readonly threshold: number } | null {
  const totals = totalCosts(costs, nExperts, rows[0]!);
  let least = Number.POSITIVE_INFINITY;
  let best: { feature: number; threshold: number } | null = null;
  rows.forEach((list, feature) => {
    const left = new Float64Array(nExperts);
    for (let p = 0; p + 1 < list.length; p++) {
      const i = list[p]!;
      for (let k = 0; k < nExperts; k++) left[k]! += costs[i * nExperts + k]!;
      if (p + 1 < MIN_ROWS || list.length - p - 1 < MIN_ROWS) continue;
      const from = X.values[i * X.nColumns + feature]!;
      const to = X.values[list[p + 1]! * X.nColumns + feature]!;
      if (from === to) continue;
      const cost = leastOfSides(left, totals);
      if (cost >= least) continue;
      least = cost;
      best = { feature, threshold: (from + to) / 2 };
    }
  });
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
