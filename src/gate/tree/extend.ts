/**
 * Changes a tree in one place: divides the leaves of some experts among them again, or with one
 * more expert; all other leaves and the cuts above stay.
 */
import type { TreeGate, TreeNode } from "../gate.ts";
import { fitTree } from "./fit.ts";
import type { TreeProblem } from "./fit-node.ts";
import { isCut } from "./scores.ts";

/**
 * @param problem - The available rows, with their costs with every expert, the new expert last.
 * @param experts - The experts whose leaves are divided.
 */
export function extendTree(
  gate: TreeGate,
  problem: TreeProblem,
  experts: readonly number[],
): TreeGate {
  const leaves = reachedLeaves(gate, problem.X);
  const nodes: TreeNode[] = [...gate.nodes];
  gate.nodes.forEach((node, at) => {
    if (isCut(node) || !experts.includes(node.expert)) return;
    const reaching = Int32Array.from(leaves.keys()).filter((i) => leaves[i] === at);
    if (reaching.length > 0) graft(nodes, at, fitTree(problem, reaching).nodes);
  });
  return { ...gate, nExperts: problem.nExperts, nodes };
}

/**
 * Replaces a leaf by a tree: its root takes the leaf's place, the other nodes follow at the end.
 * Modifies `nodes`.
 */
function graft(nodes: TreeNode[], at: number, tree: readonly TreeNode[]): void {
  const offset = nodes.length - 1;
  tree.forEach((node, place) => {
    const moved = isCut(node)
      ? { ...node, left: node.left + offset, right: node.right + offset }
      : node;
    if (place === 0) nodes[at] = moved;
    else nodes.push(moved);
  });
}

/** The leaf that thresholds alone send each row to. Shape (X.nRows,). */
function reachedLeaves({ nodes }: TreeGate, X: TreeProblem["X"]): Int32Array {
  return Int32Array.from({ length: X.nRows }, (_, i) => {
    let at = 0;
    for (let node = nodes[at]!; isCut(node); node = nodes[at]!) {
      at = X.values[i * X.nColumns + node.feature]! <= node.threshold ? node.left : node.right;
    }
    return at;
  });
}
