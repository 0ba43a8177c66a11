/** Trees as one expert: all in flat arrays, one after the other. */
import type { TreesExpert } from "../expert.ts";
import type { Boosted } from "./boost.ts";

export function packTrees(
  { base, trees }: Boosted,
  nFeatures: number,
  family: TreesExpert["family"],
): TreesExpert {
  const nNodes = trees.reduce((sum, tree) => sum + tree.values.length, 0);
  const features = new Int32Array(nNodes);
  const thresholds = new Float32Array(nNodes);
  const children = new Int32Array(nNodes);
  const values = new Float32Array(nNodes);
  const roots = new Int32Array(trees.length);
  let at = 0;
  trees.forEach((tree, t) => {
    roots[t] = at;
    tree.values.forEach((value, node) => {
      features[at + node] = tree.features[node]!;
      thresholds[at + node] = tree.thresholds[node]!;
      children[at + node] = tree.features[node]! < 0 ? 0 : roots[t]! + tree.children[node]!;
      values[at + node] = value;
    });
    at += tree.values.length;
  });
  return { kind: "trees", family, nFeatures, base, features, thresholds, children, values, roots };
}
