/** Trees as the tree operator of ai.onnx.ml: 32-bit, as in the library. */
import type { TreesExpert } from "../experts/index.ts";
import { doubles, type GraphBuilder, type Value } from "./graph.ts";
import { DOUBLE } from "./proto.ts";

/** @param X - 32-bit, shape (rows, inputs). @returns 64-bit, shape (rows, 1). */
export function treesGraph(graph: GraphBuilder, expert: TreesExpert, X: Value): Value {
  const base = graph.constant(doubles([expert.base], []));
  if (expert.roots.length === 0) {
    const x = graph.apply("Cast", [X], { to: DOUBLE });
    const nothing = graph.constant(
      doubles(new Float64Array(expert.nFeatures), [expert.nFeatures, 1]),
    );
    return graph.apply("Gemm", [x, nothing, base]);
  }
  const sum = graph.applyMl("TreeEnsembleRegressor", [X], ensembleOf(expert));
  return graph.apply("Add", [graph.apply("Cast", [sum], { to: DOUBLE }), base]);
}

/** One entry per node; a tree's nodes are numbered from its root. */
function ensembleOf({ features, thresholds, children, values, roots }: TreesExpert) {
  const nodes = Array.from(roots, (root, tree) =>
    reachedFrom(root, features, children).map((node) => ({ node, tree, id: node - root, root })),
  ).flat();
  const isLeaf = (node: number): boolean => features[node]! < 0;
  const childOf = (at: (typeof nodes)[number], second: number): number =>
    isLeaf(at.node) ? 0 : children[at.node]! + second - at.root;
  const leaves = nodes.filter(({ node }) => isLeaf(node));
  return {
    n_targets: 1,
    nodes_treeids: nodes.map(({ tree }) => tree),
    nodes_nodeids: nodes.map(({ id }) => id),
    nodes_featureids: nodes.map(({ node }) => Math.max(0, features[node]!)),
    nodes_modes: nodes.map(({ node }) => (isLeaf(node) ? "LEAF" : "BRANCH_LEQ")),
    nodes_values: Float32Array.from(nodes, ({ node }) => thresholds[node]!),
    nodes_truenodeids: nodes.map((at) => childOf(at, 0)),
    nodes_falsenodeids: nodes.map((at) => childOf(at, 1)),
    target_treeids: leaves.map(({ tree }) => tree),
    target_nodeids: leaves.map(({ id }) => id),
    target_ids: leaves.map(() => 0),
    target_weights: Float32Array.from(leaves, ({ node }) => values[node]!),
  };
}

/** The nodes of a tree, ascending: its root first. */
function reachedFrom(root: number, features: Int32Array, children: Int32Array): readonly number[] {
  const reached = new Set([root]);
  for (const node of reached) {
    if (features[node]! < 0) continue;
    reached.add(children[node]!);
    reached.add(children[node]! + 1);
  }
  return [...reached].sort((a, b) => a - b);
}
