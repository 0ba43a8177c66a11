/**
 * Experts and gates as tensors and back: one blob each.
 *
 *   net (mlp expert, softmax gate)   weights.<l> F32 [inputs, outputs], biases.<l> F32 [outputs]
 *   ridge expert                     coefficients F64 [1 + terms], the intercept first
 *   gp expert                        lengths F64 [d]; scales F64 [3]: signal, noise, linear;
 *                                    centres F32 [n, d]; weights F64 [n]
 *   trees expert                     base F64 [1]; features, children F64 [nodes]; roots F64 [trees];
 *                                    thresholds, values F32 [nodes]
 *   svm gate                         for each pair p: support_vectors.<p> F32 [n, nFeatures] and
 *                                    coefficients.<p> F64 [n]; rho, slope, intercept F64 [pairs]
 *   novelty of an expert             whitening F32 [d or d(d + 1)/2], centroids F32 [n, d],
 *                                    radii F32 [n]; least, most, slack F32 [d]
 *
 * Shapes that tensors cannot hold (widths, activation, gamma) stand in the manifest. Parameters
 * keep every bit.
 */
import {
  countParameters,
  countTerms,
  type Expert,
  type GpExpert,
  layerOffsets,
  type Net,
  type NetShape,
  type TreesExpert,
} from "../experts/index.ts";
import type { NoveltyParameters } from "../explain/index.ts";
import type { Gate, SvmGate, SvmMachine } from "../gate/index.ts";
import { check } from "./corrupt.ts";
import type { Tensor, Tensors } from "./safetensors.ts";
import type { ExpertEntry, GateEntry, GpEntry, MachinesEntry, TreesEntry } from "./schema.ts";

/** The parameters of an expert by name; its arrays are shared, not copied. */
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

function treesTensors({ base, thresholds, values, ...indices }: TreesExpert): Tensors {
  const floats = (own: Float32Array): Tensor => ({
    dtype: "F32",
    shape: [own.length],
    values: own,
  });
  return new Map([
    ["base", vector(Float64Array.of(base))],
    ...INDICES.map((name) => [name, vector(Float64Array.from(indices[name]))] as const),
    ["thresholds", floats(thresholds)],
    ["values", floats(values)],
  ]);
}

/** Whole numbers, kept as doubles: they have to be exact, not small. */
const INDICES = ["features", "children", "roots"] as const;

/** The parameters of a gate by name; its arrays are shared, not copied. */
export function gateTensors(gate: Gate): Tensors {
  return gate.kind === "softmax" ? netTensors(gate.net) : svmTensors(gate);
}

function netTensors({ sizes, parameters }: Net): Tensors {
  const tensors = new Map<string, Tensor>();
  layerOffsets(sizes).forEach(({ inputs, outputs, weights, biases }, l) => {
    tensors.set(`weights.${l}`, {
      dtype: "F32",
      shape: [inputs, outputs],
      values: parameters.subarray(weights, biases),
    });
    tensors.set(`biases.${l}`, {
      dtype: "F32",
      shape: [outputs],
      values: parameters.subarray(biases, biases + outputs),
    });
  });
  return tensors;
}

function svmTensors({ machines }: SvmGate): Tensors {
  const tensors = new Map<string, Tensor>();
  for (const [p, { supportVectors, coefficients }] of machines.entries()) {
    const { values, nRows, nColumns } = supportVectors;
    tensors.set(`support_vectors.${p}`, { dtype: "F32", shape: [nRows, nColumns], values });
    tensors.set(`coefficients.${p}`, vector(coefficients));
  }
  for (const name of ["rho", "slope", "intercept"] as const) {
    tensors.set(name, vector(Float64Array.from(machines, (machine) => machine[name])));
  }
  return tensors;
}

function vector(values: Float64Array): Tensor {
  return { dtype: "F64", shape: [values.length], values };
}

/** What tells an expert's rows from strange ones, by name; its arrays are shared, not copied. */
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

/**
 * The expert that the manifest describes, with the parameters of its blob.
 *
 * @param file - How messages call the blob.
 * @throws BUNDLE_CORRUPT if the blob's tensors are not those that the description asks for.
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
  const [signal, noise, linear] = source.f64("scales", [3]) as unknown as [number, number, number];
  const values = source.f32("centres", [nCentres, nFeatures]);
  const weights = source.f64("weights", [nCentres]);
  source.end();
  const isPositive = lengths.every((length) => length > 0);
  check(isPositive, file, "tensor lengths must hold positive numbers");
  const kernel = { lengths, signal, noise, linear };
  const centres = { values, nRows: nCentres, nColumns: nFeatures };
  return { kind: "gp", kernel, centres, weights };
}

/** Every walk ends: children come after their node, and a tree's nodes before the next tree's. */
function treesOf(
  { family, nFeatures, nTrees, nNodes }: TreesEntry,
  source: Source,
  file: string,
): TreesExpert {
  const [base] = source.f64("base", [1]);
  const [features, children, roots] = [nNodes, nNodes, nTrees].map((length, i) => {
    const name = INDICES[i]!;
    const numbers = source.f64(name, [length]);
    check(numbers.every(Number.isInteger), file, `tensor ${name} must hold whole numbers`);
    return Int32Array.from(numbers);
  }) as [Int32Array, Int32Array, Int32Array];
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

/** A tree's nodes are its own: a walk stays among them, and goes on with every step. */
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

/** As `expertOf`, for a gate. @throws BUNDLE_CORRUPT likewise. */
export function gateOf(entry: GateEntry, tensors: Tensors, file: string): Gate {
  if (entry.kind === "svm") return svmOf(entry, tensors, file);
  const source = createSource(tensors, file);
  const { kind, truncation } = entry;
  return { kind, net: netOf(entry, source), ...(truncation === undefined ? {} : { truncation }) };
}

/** The machines of an SVM gate, or of a refinement. @throws BUNDLE_CORRUPT likewise. */
export function svmOf(entry: MachinesEntry, tensors: Tensors, file: string): SvmGate {
  const { nExperts, nFeatures, cost, gamma } = entry;
  const machines = machinesOf(entry, createSource(tensors, file));
  return { kind: "svm", nExperts, nFeatures, cost, gamma, machines };
}

/** As `expertOf`, for the novelty of rows of `d` inputs. @throws BUNDLE_CORRUPT likewise. */
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

function netOf({ sizes, activation }: NetShape, source: Source): Net {
  const layers = layerOffsets(sizes).map(({ inputs, outputs }, l) => [
    source.f32(`weights.${l}`, [inputs, outputs]),
    source.f32(`biases.${l}`, [outputs]),
  ]);
  source.end();
  const parameters = new Float32Array(countParameters(sizes));
  let offset = 0;
  for (const values of layers.flat()) {
    parameters.set(values, offset);
    offset += values.length;
  }
  return { sizes: [...sizes], activation, parameters };
}

function machinesOf({ nExperts, nFeatures }: MachinesEntry, source: Source): readonly SvmMachine[] {
  const nPairs = (nExperts * (nExperts - 1)) / 2;
  const [rho, slope, intercept] = ["rho", "slope", "intercept"].map((name) =>
    source.f64(name, [nPairs]),
  );
  const machines: SvmMachine[] = [];
  for (let first = 0; first < nExperts; first++) {
    for (let second = first + 1; second < nExperts; second++) {
      const p = machines.length;
      const nRows = source.extent(`support_vectors.${p}`);
      const values = source.f32(`support_vectors.${p}`, [nRows, nFeatures]);
      machines.push({
        first,
        second,
        supportVectors: { values, nRows, nColumns: nFeatures },
        coefficients: source.f64(`coefficients.${p}`, [nRows]),
        rho: rho![p]!,
        slope: slope![p]!,
        intercept: intercept![p]!,
      });
    }
  }
  source.end();
  return machines;
}

/** Tensors taken out of a blob one by one: each as it must be, and in the end none left over. */
export interface Source {
  f32(name: string, shape: readonly number[]): Float32Array;
  f64(name: string, shape: readonly number[]): Float64Array;
  /** The first extent of a tensor, 0 where there is none. */
  extent(name: string): number;
  end(): void;
}

/** @param file - How messages call the blob. */
export function createSource(tensors: Tensors, file: string): Source {
  const left = new Set(tensors.keys());
  const take = (name: string, dtype: Tensor["dtype"], shape: readonly number[]): Tensor => {
    const tensor = tensors.get(name);
    check(tensor !== undefined, file, `must hold a tensor ${name}`);
    const [wanted, found] = [`${dtype} [${shape}]`, `${tensor.dtype} [${tensor.shape}]`];
    check(wanted === found, file, `tensor ${name} must be ${wanted}, got ${found}`);
    check(tensor.values.every(Number.isFinite), file, `tensor ${name} must hold finite numbers`);
    left.delete(name);
    return tensor;
  };
  return {
    f32: (name, shape) => take(name, "F32", shape).values as Float32Array,
    f64: (name, shape) => take(name, "F64", shape).values as Float64Array,
    extent: (name) => tensors.get(name)?.shape[0] ?? 0,
    end: () => check(left.size === 0, file, `must hold no other tensors, got ${[...left]}`),
  };
}
