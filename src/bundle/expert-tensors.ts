/**
 * Converts experts to tensors and back: one blob each. Nets and trees have separate files.
 *
 *   ridge   coefficients F64 [1 + terms], the intercept first
 *   gp      lengths F64 [d]; scales F64 [3]: signal, noise, linear; centres F32 [n, d];
 *           weights F64 [n]
 *
 * The manifest holds what tensors cannot. Parameters keep every bit.
 */
import { countTerms, type Expert, type GpExpert } from "../experts/index.ts";
import { check } from "./corrupt.ts";
import type { ExpertEntry, GpEntry } from "./expert-schema.ts";
import { netOf, netTensors } from "./net-tensors.ts";
import type { Tensors } from "./safetensors.ts";
import { createSource, type Source, vector } from "./tensor-source.ts";
import { treesOf, treesTensors } from "./trees-tensors.ts";

/** The parameters of an expert by name; the arrays are shared, not copied. */
export function expertTensors(expert: Expert): Tensors {
  if (expert.kind === "mlp") return netTensors(expert.net);
  if (expert.kind === "gp") return gpTensors(expert);
  if (expert.kind === "trees") return treesTensors(expert);
  return new Map([["coefficients", vector(expert.coefficients)]]);
}

function gpTensors({ kernel, centres, weights }: GpExpert): Tensors {
  const { lengths, signal, noise, linear } = kernel;
  const { values, nRows, nColumns } = centres;
  return new Map([
    ["lengths", vector(lengths)],
    ["scales", vector(Float64Array.of(signal, noise, linear))],
    ["centres", { dtype: "F32", shape: [nRows, nColumns], values }],
    ["weights", vector(weights)],
  ]);
}

/**
 * The expert that the manifest describes, with parameters from its blob.
 *
 * @param file - How messages call the blob.
 * @throws BUNDLE_CORRUPT if the blob's tensors differ from the description.
 */
export function expertOf(entry: ExpertEntry, tensors: Tensors, file: string): Expert {
  const source = createSource(tensors, file);
  if (entry.kind === "mlp") return { kind: "mlp", net: netOf(entry, source) };
  if (entry.kind === "gp") return gpOf(entry, source, file);
  if (entry.kind === "trees") return treesOf(entry, source, file);
  const { degree, nFeatures, penalty } = entry;
  const coefficients = source.f64("coefficients", [1 + countTerms(nFeatures, degree)]);
  source.end();
  return { kind: "ridge", degree, nFeatures, penalty, coefficients };
}

function gpOf({ nFeatures, nCentres }: GpEntry, source: Source, file: string): GpExpert {
  const lengths = source.f64("lengths", [nFeatures]);
  const scales = source.f64("scales", [3]);
  const [signal, noise, linear] = [scales[0]!, scales[1]!, scales[2]!];
  const values = source.f32("centres", [nCentres, nFeatures]);
  const weights = source.f64("weights", [nCentres]);
  source.end();
  const isPositive = lengths.every((length) => length > 0);
  check(isPositive, file, "tensor lengths must hold positive numbers");
  const kernel = { lengths, signal, noise, linear };
  const centres = { values, nRows: nCentres, nColumns: nFeatures };
  return { kind: "gp", kernel, centres, weights };
}
