/** Scores of a tree gate: the probability of each expert's leaves, given where the cuts may lie. */
import { checkLength } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { TreeCut, TreeGate, TreeNode } from "../gate.ts";
import { shareBelow } from "./cut-posterior.ts";

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function treeScores(gate: TreeGate, X: Matrix): Float64Array {
  const scores = new Float64Array(X.nRows * gate.nExperts);
  const write = createTreeScorer(gate, X);
  for (let i = 0; i < X.nRows; i++) write(i, scores, i * gate.nExperts);
  return scores;
}

/** Writes the scores of row i of X to `out` from `start`; allocates nothing. */
export function createTreeScorer(
  { nodes, nExperts, nFeatures }: TreeGate,
  X: Matrix,
): (i: number, out: Float64Array, start: number) => void {
  checkLength("X.nColumns", X.nColumns, nFeatures);
  const reached = new Float64Array(nodes.length);
  return (i, out, start) => {
    out.fill(0, start, start + nExperts);
    reached.fill(0);
    reached[0] = 1;
    // Sides come after their cut, so one pass over the nodes is one walk down the tree.
    for (let at = 0; at < nodes.length; at++) {
      const share = reached[at]!;
      if (share === 0) continue;
      const node = nodes[at]!;
      if (isCut(node)) {
        const right = shareBelow(node, X.values[i * nFeatures + node.feature]!);
        reached[node.left] = share * (1 - right);
        reached[node.right] = share * right;
      } else {
        out[start + node.expert]! += share;
      }
    }
  };
}

export function isCut(node: TreeNode): node is TreeCut {
  return "feature" in node;
}
