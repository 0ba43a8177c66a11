/**
 * Goal: an exported file alone is enough to predict with.
 * Method: predictions computed from the JSON document by a forward pass written from
 * docs/bundle.md, in 64 bits, against the package's own; the safetensors file against the model.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type BundleContent,
  decodeSafetensors,
  type ExportFormat,
  exportModel,
  readBundle,
  writeBundle,
} from "../../src/bundle/index.ts";
import { createReferenceEngine } from "../../src/experts/index.ts";
import { predictMatrix } from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { makeContent, N_INPUTS, temporaryFolder } from "./models.ts";

/** The bytes of an export of what was written to a bundle. */
async function exported(content: BundleContent, format: ExportFormat): Promise<Buffer> {
  const folder = temporaryFolder();
  await writeBundle(folder, content);
  await exportModel(await readBundle(folder), format, join(folder, "model"));
  return readFileSync(join(folder, "model"));
}

interface PlainNet {
  readonly activation: "tanh" | "relu" | "silu";
  readonly layers: readonly { weights: number[][]; biases: number[] }[];
}

type PlainExpert =
  | ({ readonly kind: "mlp" } & PlainNet)
  | { readonly kind: "ridge"; degree: number; intercept: number; coefficients: number[] };

interface PlainModel {
  readonly preprocessing: {
    readonly target: { mean: number; scale: number; least: number; most: number };
  };
  readonly members: readonly {
    readonly weight: number;
    readonly recombination: "smooth" | "hard";
    readonly gate: PlainNet | null;
    readonly experts: readonly PlainExpert[];
  }[];
}

const ACTIVATIONS = {
  tanh: Math.tanh,
  relu: (value: number) => Math.max(0, value),
  silu: (value: number) => value / (1 + Math.exp(-value)),
};

function forward({ layers, activation }: PlainNet, x: readonly number[]): readonly number[] {
  return layers.reduce((inputs, { weights, biases }, l) => {
    const sums = biases.map((bias, o) => {
      return inputs.reduce((sum, value, j) => sum + value * weights[j]![o]!, bias);
    });
    return l === layers.length - 1 ? sums : sums.map(ACTIVATIONS[activation]);
  }, x);
}

function answer(expert: PlainExpert, x: readonly number[]): number {
  if (expert.kind === "mlp") return forward(expert, x)[0]!;
  const products = x.flatMap((a, i) => x.slice(i).map((b) => a * b));
  const terms = expert.degree === 1 ? x : [...x, ...products];
  return expert.coefficients.reduce((sum, c, t) => sum + c * terms[t]!, expert.intercept);
}

function predictByHand({ preprocessing, members }: PlainModel, x: readonly number[]): number {
  const { mean, scale, least, most } = preprocessing.target;
  const standard = members.reduce((sum, { weight, recombination, gate, experts }) => {
    const raw = gate === null ? [1] : forward(gate, x).map(Math.exp);
    const total = raw.reduce((all, score) => all + score, 0);
    const top = raw.indexOf(Math.max(...raw));
    const own = experts.reduce((blend, expert, k) => {
      const share = recombination === "hard" ? Number(k === top) : raw[k]! / total;
      const [low, high] = [(least - mean) / scale, (most - mean) / scale];
      return blend + share * Math.min(high, Math.max(low, answer(expert, x)));
    }, 0);
    return sum + weight * own;
  }, 0);
  return mean + scale * standard;
}

describe("json", () => {
  test.each([1, 2, 3, 4, 5, 6])("predicts what the model predicts, model %i", async (seed) => {
    const experts = (["mlp", "ridge", "mlp", "ridge"] as const).slice(0, 1 + (seed % 4));
    const content = makeContent({ seed, experts, gate: "softmax", nMembers: 1 + (seed % 3) });
    const document = JSON.parse((await exported(content, "json")).toString()) as PlainModel;
    const rng = createRng(seed);
    const X = matrix(
      Float32Array.from({ length: 40 * N_INPUTS }, () => rng.normal()),
      40,
      N_INPUTS,
    );
    const { values } = predictMatrix(createReferenceEngine(), content.model, X);
    values.forEach((value, i) => {
      const x = [...X.values.subarray(i * N_INPUTS, (i + 1) * N_INPUTS)];
      expect(predictByHand(document, x)).toBeCloseTo(value, 3);
    });
  });

  test("holds every machine of an SVM gate to the bit", async () => {
    const content = makeContent({ seed: 7, experts: ["mlp", "mlp", "mlp"], gate: "svm" });
    const document = JSON.parse((await exported(content, "json")).toString());
    const { gate } = content.model.members[0]!.mixture;
    if (gate?.kind !== "svm") throw new Error("the gate is an SVM");
    const { machines, ...scalars } = document.members[0].gate;
    expect(scalars).toEqual({ kind: "svm", nExperts: 3, gamma: gate.gamma });
    const flat = machines.map((machine: { supportVectors: number[][] }) => ({
      ...machine,
      supportVectors: machine.supportVectors.flat(),
    }));
    const expected = gate.machines.map((machine) => ({
      ...machine,
      supportVectors: [...machine.supportVectors.values],
      coefficients: [...machine.coefficients],
    }));
    expect(flat).toEqual(expected);
  });
});

test("safetensors holds every tensor under the name of its place, and the manifest", async () => {
  const content = makeContent({ seed: 8, experts: ["mlp", "ridge"], gate: "svm", nMembers: 2 });
  const { tensors, metadata } = decodeSafetensors(await exported(content, "safetensors"), "model");
  const [expert, ridge] = content.model.members[1]!.mixture.experts;
  if (expert?.kind !== "mlp" || ridge?.kind !== "ridge") throw new Error("a net and a ridge");
  const { sizes, parameters } = expert.net;
  const first = tensors.get("members.1.experts.0.weights.0")!;
  expect(first.shape).toEqual([sizes[0], sizes[1]]);
  expect(first.values).toEqual(parameters.slice(0, sizes[0]! * sizes[1]!));
  expect(tensors.get("members.1.experts.1.coefficients")!.values).toEqual(ridge.coefficients);
  expect(tensors.has("members.0.gate.support_vectors.0")).toBe(true);
  const { format, digest, manifest } = metadata;
  expect(format).toBe("bailiwick/1");
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.parse(manifest!).preprocessing).toEqual(content.model.preprocessing);
});

test("the same bundle gives the same bytes", async () => {
  const folder = temporaryFolder();
  await writeBundle(folder, makeContent({ seed: 9, experts: ["ridge", "mlp"], gate: "softmax" }));
  for (const format of ["json", "safetensors"] as const) {
    await exportModel(await readBundle(folder), format, join(folder, "first"));
    await exportModel(await readBundle(folder), format, join(folder, "second"));
    expect(readFileSync(join(folder, "first"))).toEqual(readFileSync(join(folder, "second")));
  }
});
