/**
 * Converts boosted trees and forests to tensors and back:
 *
 *   base F64 [1]; features, children F64 [nodes]; roots F64 [trees]; thresholds, values F32 [nodes]
 */
import type { TreesExpert } from "../experts/index.ts";
import { check } from "./corrupt.ts";
import type { TreesEntry } from "./expert-schema.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { type Source, vector } from "./tensor-source.ts";

export function treesTensors({ base, thresholds, values, ...indices }: TreesExpert): Tensors {
  const floats = (values: Float32Array): Tensor => ({
    dtype: "F32",
    shape: [values.length],
    values,
  });
  return new Map([
    ["base", vector(Float64Array.of(base))],
    ...INDICES.map((name) => [name, vector(Float64Array.from(indices[name]))] as const),
    ["thresholds", floats(thresholds)],
    ["values", floats(values)],
  ]);
}

/** Whole numbers, stored as doubles so that they are exact. */
const INDICES = ["features", "children", "roots"] as const;

/** Guarantees that every walk ends: children come after their node, within the same tree. */
export function treesOf(
  { family, nFeatures, nTrees, nNodes }: TreesEntry,
  source: Source,
  file: string,
): TreesExpert {
  const [base] = source.f64("base", [1]);
  const indices = (name: (typeof INDICES)[number], length: number): Int32Array => {
    const numbers = source.f64(name, [length]);
    check(numbers.every(Number.isInteger), file, `tensor ${name} must hold whole numbers`);
    return Int32Array.from(numbers);
  };
  const features = indices("features", nNodes);
  const children = indices("children", nNodes);
  const roots = indices("roots", nTrees);
  const thresholds = source.f32("thresholds", [nNodes]);
  const values = source.f32("values", [nNodes]);
  source.end();
  roots.forEach((root, t) => {
    const ascends = t === 0 ? root === 0 : root > roots[t - 1]!;
    check(ascends && root < nNodes, file, "tensor roots must ascend from 0");
    checkTree(features, children, { root, end: roots[t + 1] ?? nNodes, nFeatures }, file);
  });
  return {
    kind: "trees",
    family,
    nFeatures,
    base: base!,
    features,
    thresholds,
    children,
    values,
    roots,
  };
}

/** A walk stays within its tree and moves to a later node at every step. */
function checkTree(
  features: Int32Array,
  children: Int32Array,
  { root, end, nFeatures }: { root: number; end: number; nFeatures: number },
  file: string,
): void {
  for (let node = root; node < end; node++) {
    const feature = features[node]!;
    check(feature >= -1 && feature < nFeatures, file, "tensor features must name inputs");
    const child = children[node]!;
    const ends = feature < 0 || (child > node && child + 1 < end);
    check(ends, file, "tensor children must name later nodes of their tree");
  }
}
