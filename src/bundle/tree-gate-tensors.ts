/**
 * Converts tree gates to tensors and back. Nodes are in the order of memory, the root first:
 *
 *   features    I32 [nNodes]   the feature that is cut, −1 at a leaf
 *   left, right I32 [nNodes]   numbers of nodes, −1 at a leaf
 *   experts     I32 [nNodes]   of a leaf, −1 at a cut
 *   thresholds  F64 [nNodes]   0 at a leaf
 *   knots       I32 [nNodes]   number of the cut's knots, 0 at a leaf
 *   values, below F64 [nKnots] of all cuts, in the nodes' order
 */
import type { TreeCut, TreeGate, TreeNode } from "../gate/index.ts";
import { check } from "./corrupt.ts";
import type { TreeEntry } from "./gate-schema.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { type Source, vector } from "./tensor-source.ts";

const NONE = -1;

export function treeGateTensors({ nodes }: TreeGate): Tensors {
  const whole = (of: (node: TreeNode) => number): Tensor => {
    return { dtype: "I32", shape: [nodes.length], values: Int32Array.from(nodes, of) };
  };
  const ofCut = (of: (cut: TreeCut) => number, atLeaf: number): ((node: TreeNode) => number) => {
    return (node) => ("feature" in node ? of(node) : atLeaf);
  };
  const cuts = nodes.filter((node) => "feature" in node);
  return new Map<string, Tensor>([
    ["features", whole(ofCut(({ feature }) => feature, NONE))],
    ["left", whole(ofCut(({ left }) => left, NONE))],
    ["right", whole(ofCut(({ right }) => right, NONE))],
    ["experts", whole((node) => ("feature" in node ? NONE : node.expert))],
    [
      "thresholds",
      vector(
        Float64Array.from(
          nodes,
          ofCut(({ threshold }) => threshold, 0),
        ),
      ),
    ],
    ["knots", whole(ofCut(({ values }) => values.length, 0))],
    ["values", vector(Float64Array.from(cuts.flatMap(({ values }) => [...values])))],
    ["below", vector(Float64Array.from(cuts.flatMap(({ below }) => [...below])))],
  ]);
}

/** The number of knots of all cuts of a tree. */
export function countKnots({ nodes }: TreeGate): number {
  return nodes.reduce((sum, node) => sum + ("feature" in node ? node.values.length : 0), 0);
}

/** @throws BUNDLE_CORRUPT unless the nodes are one tree and each cut's knots a distribution. */
export function treeGateOf(entry: TreeEntry, source: Source, file: string): TreeGate {
  const { kind, nExperts, nFeatures, nNodes, nKnots } = entry;
  const [features, left, right, experts, knots] = [
    "features",
    "left",
    "right",
    "experts",
    "knots",
  ].map((name) => source.i32(name, [nNodes]));
  const thresholds = source.f64("thresholds", [nNodes]);
  const values = source.f64("values", [nKnots]);
  const below = source.f64("below", [nKnots]);
  source.end();
  let used = 0;
  const nodes = Array.from({ length: nNodes }, (_, at): TreeNode => {
    const feature = features![at]!;
    if (feature === NONE) return { expert: experts![at]! };
    const end = used + knots![at]!;
    check(knots![at]! >= 2 && end <= nKnots, file, `node ${at} must have 2 knots or more`);
    const cutKnots = { values: values.slice(used, end), below: below.slice(used, end) };
    used = end;
    const sides = { left: left![at]!, right: right![at]! };
    return { feature, threshold: thresholds[at]!, ...cutKnots, ...sides };
  });
  check(used === nKnots, file, `the cuts must have ${nKnots} knots, got ${used}`);
  checkNodes(nodes, { nExperts, nFeatures }, file);
  return { kind, nExperts, nFeatures, nodes };
}

function checkNodes(
  nodes: readonly TreeNode[],
  { nExperts, nFeatures }: Pick<TreeGate, "nExperts" | "nFeatures">,
  file: string,
): void {
  const reached = new Uint8Array(nodes.length);
  reached[0] = 1;
  nodes.forEach((node, at) => {
    if (!("feature" in node)) {
      const fits = node.expert >= 0 && node.expert < nExperts;
      check(fits, file, `leaf ${at} must name one of ${nExperts} experts, got ${node.expert}`);
      return;
    }
    const fits = node.feature >= 0 && node.feature < nFeatures;
    check(fits, file, `cut ${at} must name one of ${nFeatures} inputs, got ${node.feature}`);
    check(isDistribution(node), file, `cut ${at} must have a distribution around its threshold`);
    for (const side of [node.left, node.right]) {
      const next = side > at && side < nodes.length && reached[side] === 0;
      check(next, file, `cut ${at} must lead to later nodes that have no other parent`);
      reached[side] = 1;
    }
  });
  check(reached.every(Boolean), file, "every node must be reached from the root");
}

function isDistribution({ values, below, threshold }: TreeCut): boolean {
  const [first, last] = [values[0]!, values.at(-1)!];
  if (below[0] !== 0 || below.at(-1) !== 1 || threshold < first || threshold > last) return false;
  return values.every(
    (value, q) => q === 0 || (value > values[q - 1]! && below[q]! >= below[q - 1]!),
  );
}
