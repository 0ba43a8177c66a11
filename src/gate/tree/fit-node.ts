/**
 * A tree during its fit: nested nodes, and their costs.
 */
import type { Matrix } from "../../shared/matrix.ts";

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

/** The cost that each leaf must save, in nats. */
export const LEAF_PRICE = 12;

export function isCut(node: FitNode): node is FitCut {
  return "feature" in node;
}

/** The cost of row i with the expert that the subtree sends it to. */
export function costAt({ X, costs, nExperts }: TreeProblem, from: FitNode, i: number): number {
  let node = from;
  while (isCut(node)) {
    node = X.values[i * X.nColumns + node.feature]! <= node.threshold ? node.left : node.right;
  }
  return costs[i * nExperts + node.expert]!;
}

export function countLeaves(node: FitNode): number {
  return isCut(node) ? countLeaves(node.left) + countLeaves(node.right) : 1;
}

/** The objective of a subtree: the cost of its rows, and the price of its leaves. */
export function priceOf(problem: TreeProblem, node: FitNode, rows: Int32Array): number {
  const cost = rows.reduce((sum, i) => sum + costAt(problem, node, i), 0);
  return cost + LEAF_PRICE * countLeaves(node);
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

/** Of every expert. Shape (nExperts,). */
export function totalCosts(costs: Float64Array, nExperts: number, rows: Int32Array): Float64Array {
  const totals = new Float64Array(nExperts);
  for (const i of rows) for (let k = 0; k < nExperts; k++) totals[k]! += costs[i * nExperts + k]!;
  return totals;
}
