/**
 * A bundle's model as one file that other programs read: safetensors, self-describing JSON, or
 * ONNX, which runtimes execute.
 *
 * The JSON document holds everything that a prediction needs, with parameters as arrays;
 * docs/bundle.md shows how to compute a prediction from it.
 */
import {
  type Expert,
  type GpExpert,
  layerOffsets,
  type Net,
  type TreesExpert,
} from "../experts/index.ts";
import type { Gate, SvmGate } from "../gate/index.ts";
import type { Mixture, Model } from "../mixture/index.ts";
import { encodeOnnx } from "../onnx/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { writeFileAtomic } from "../shared/files.ts";
import { expertTensors } from "./expert-tensors.ts";
import { formOf, gateTensors } from "./gate-tensors.ts";
import type { Bundle } from "./read-bundle.ts";
import { encodeSafetensors, type Tensor, type Tensors } from "./safetensors.ts";

export const EXPORT_FORMATS = ["onnx", "safetensors", "json"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The content of a bundle that an export shows; the version's number is not part of it. */
type Exported = Omit<Bundle, "version" | "folder">;

/** The most parameters written as JSON: about 25 bytes each. */
const MAX_JSON_PARAMETERS = 10_000_000;

/**
 * Writes a model to the file `out`, atomically. The same bundle gives the same bytes.
 *
 * @throws INVALID_OPTION if a model is too large for JSON or ONNX.
 * @throws as `writeFileAtomic`.
 */
export async function exportModel(
  bundle: Exported,
  format: ExportFormat,
  out: string,
): Promise<void> {
  await writeFileAtomic(out, encode(bundle, format));
}

function encode(bundle: Exported, format: ExportFormat): string | Uint8Array {
  if (format === "json") return toJson(bundle);
  if (format === "safetensors") return toSafetensors(bundle);
  const { model, manifest, digest } = bundle;
  return encodeOnnx(model, { digest, packageVersion: manifest.packageVersion });
}

/** One file with every tensor, `members.0.experts.1.weights.0`, and the manifest as metadata. */
function toSafetensors({ model, manifest, digest }: Exported) {
  return encodeSafetensors(allTensors(model), {
    format: "bailiwick/1",
    digest,
    manifest: JSON.stringify(manifest),
  });
}

function allTensors(model: Model): Tensors {
  const all = new Map<string, Tensor>();
  const add = (prefix: string, tensors: Tensors): void => {
    for (const [name, tensor] of tensors) all.set(`${prefix}.${name}`, tensor);
  };
  model.members.forEach(({ mixture }, m) => {
    mixture.experts.forEach((expert, k) => {
      add(`members.${m}.experts.${k}`, expertTensors(expert));
    });
    const { gate } = mixture;
    if (gate === null) return;
    add(`members.${m}.gate`, gateTensors(gate));
    if (gate.kind !== "svm") return;
    gate.refinements?.forEach((refinement, r) => {
      add(`members.${m}.gate.refinements.${r}`, gateTensors(refinement.gate));
    });
  });
  return all;
}

function toJson({ model, manifest, digest }: Exported): string {
  let nParameters = 0;
  for (const { values } of allTensors(model).values()) nParameters += values.length;
  if (nParameters > MAX_JSON_PARAMETERS) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `a model exported as json must have at most ${MAX_JSON_PARAMETERS} parameters, ` +
        `got ${nParameters}; safetensors has no such limit`,
      { nParameters },
    );
  }
  const document = {
    format: "bailiwick/1",
    digest,
    packageVersion: manifest.packageVersion,
    createdAt: manifest.createdAt,
    provenance: manifest.provenance,
    preprocessing: model.preprocessing,
    members: model.members.map(({ weight, mixture }) => ({ weight, ...plainMixture(mixture) })),
  };
  return `${JSON.stringify(document)}\n`;
}

function plainMixture({ recombination, gate, experts, ranges }: Mixture) {
  return {
    recombination,
    gate: gate === null ? null : plainGate(gate),
    experts: experts.map(plainExpert),
    ...(ranges === undefined ? {} : { ranges }),
  };
}

function plainExpert(expert: Expert) {
  if (expert.kind === "mlp") return { kind: "mlp", ...plainNet(expert.net) };
  if (expert.kind === "gp") return plainGp(expert);
  if (expert.kind === "trees") return plainTrees(expert);
  const [intercept, ...coefficients] = expert.coefficients;
  return { kind: "ridge", degree: expert.degree, intercept, coefficients };
}

function plainGp({ kind, kernel, centres, weights }: GpExpert) {
  const { lengths, ...scales } = kernel;
  return {
    kind,
    kernel: { lengths: [...lengths], ...scales },
    centres: { shape: [centres.nRows, centres.nColumns], values: [...centres.values] },
    weights: [...weights],
  };
}

function plainTrees({ kind, family, base, ...arrays }: TreesExpert) {
  const { features, thresholds, children, values, roots } = arrays;
  return {
    kind,
    family,
    base,
    features: [...features],
    thresholds: [...thresholds],
    children: [...children],
    values: [...values],
    roots: [...roots],
  };
}

function plainGate(gate: Gate) {
  if (gate.kind === "softmax") {
    const { truncation } = gate;
    const optional = truncation === undefined ? {} : { truncation };
    return { kind: "softmax", ...optional, ...plainNet(gate.net) };
  }
  if (gate.kind === "ensemble") {
    const { kind, features, temperature, nets } = gate;
    return { kind, features, temperature, nets: nets.map(plainNet) };
  }
  if (gate.kind === "tree") {
    const nodes = gate.nodes.map((node) => {
      if (!("feature" in node)) return node;
      return { ...node, values: [...node.values], below: [...node.below] };
    });
    return { kind: gate.kind, nExperts: gate.nExperts, nodes };
  }
  const refinements = gate.refinements?.map((one) => ({
    experts: one.experts,
    gate: plainMachines(one.gate),
  }));
  return { ...plainMachines(gate), ...(refinements === undefined ? {} : { refinements }) };
}

function plainMachines(gate: SvmGate) {
  const { kind, nExperts, gamma } = gate;
  const form = formOf(gate);
  const machines = gate.machines.map(({ supportVectors, coefficients, ...scalars }) => ({
    ...scalars,
    supportVectors: rowsOf(supportVectors.values, supportVectors.nColumns),
    coefficients: [...coefficients],
  }));
  return { kind, ...form, nExperts, gamma, machines };
}

/** The layers of a net; `weights[input][output]`. The last layer is linear. */
function plainNet({ sizes, activation, parameters }: Net) {
  const layers = layerOffsets(sizes).map(({ outputs, weights, biases }) => ({
    weights: rowsOf(parameters.subarray(weights, biases), outputs),
    biases: [...parameters.subarray(biases, biases + outputs)],
  }));
  return { activation, layers };
}

function rowsOf(values: Float32Array, nColumns: number): readonly (readonly number[])[] {
  return Array.from({ length: values.length / nColumns }, (_, i) => [
    ...values.subarray(i * nColumns, (i + 1) * nColumns),
  ]);
}
