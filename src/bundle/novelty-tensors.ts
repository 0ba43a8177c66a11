/**
 * Converts an expert's novelty parameters to tensors and back:
 *
 *   whitening F32 [d or d(d + 1)/2], centroids F32 [n, d], radii F32 [n];
 *   least, most, slack F32 [d]
 */
import type { NoveltyParameters } from "../explain/index.ts";
import { check } from "./corrupt.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import { createSource } from "./tensor-source.ts";

/** An expert's novelty parameters by name; the arrays are shared, not copied. */
export function noveltyTensors(novelty: NoveltyParameters): Tensors {
  const { nFeatures, whitening, centroids, radii } = novelty;
  const f32 = (values: Float32Array, ...shape: readonly number[]): Tensor => {
    return { dtype: "F32", shape, values };
  };
  return new Map([
    ["whitening", f32(whitening, whitening.length)],
    ["centroids", f32(centroids, radii.length, nFeatures)],
    ["radii", f32(radii, radii.length)],
    ...RANGE_TENSORS.map((name) => [name, f32(novelty[name], nFeatures)] as const),
  ]);
}

const RANGE_TENSORS = ["least", "most", "slack"] as const;

/** The novelty parameters for rows of `d` inputs, from a blob. @throws BUNDLE_CORRUPT */
export function noveltyOf(d: number, tensors: Tensors, file: string): NoveltyParameters {
  const source = createSource(tensors, file);
  const nCentroids = source.extent("radii");
  const isTriangle = source.extent("whitening") !== d;
  const [least, most, slack] = RANGE_TENSORS.map((name) => source.f32(name, [d]));
  const novelty: NoveltyParameters = {
    nFeatures: d,
    whitening: source.f32("whitening", [isTriangle ? (d * (d + 1)) / 2 : d]),
    centroids: source.f32("centroids", [nCentroids, d]),
    radii: source.f32("radii", [nCentroids]),
    least: least!,
    most: most!,
    slack: slack!,
  };
  source.end();
  for (const name of ["radii", "slack"] as const) {
    const positive = novelty[name].every((value) => value > 0);
    check(positive, file, `tensor ${name} must hold positive numbers`);
  }
  return novelty;
}
