/** Small models by hand: a number, a category, two experts and a softmax gate; and served. */

import {
  createRegistry,
  createServer,
  type Registry,
  type RegistryOptions,
  type ServerOptions,
} from "../../src/api/index.ts";
import type { Bundle } from "../../src/bundle/index.ts";
import { createReferenceEngine, type Engine, initNet } from "../../src/experts/index.ts";
import type { Model } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";

export const engine: Engine = createReferenceEngine();

type Features = Model["preprocessing"]["features"];

const MIXED: Features = [
  { type: "number", name: "x", median: 1, mean: 1, scale: 2, indicator: false },
  { type: "category", name: "kind", levels: ["a", "b"] },
];

/** Three numbers, the second with an indicator. */
export const NUMBERS: Features = [0, 1, 2].map((j) => ({
  type: "number" as const,
  name: `f${j}`,
  median: j,
  mean: 0.5 * j,
  scale: 1 + j,
  indicator: j === 1,
}));

export function sampleModel(features: Features = MIXED, seed = 4, nMembers = 1): Model {
  const rng = createRng(seed);
  const shape = (outputs: number) => ({ sizes: [4, 6, outputs], activation: "tanh" as const });
  const expert = () => ({ kind: "mlp" as const, net: initNet(shape(1), rng) });
  const member = () => ({
    weight: 1 / nMembers,
    mixture: {
      experts: [expert(), expert()],
      gate: { kind: "softmax" as const, net: initNet(shape(2), rng) },
      recombination: "smooth" as const,
    },
  });
  return {
    preprocessing: {
      features,
      target: { name: "y", mean: 10, scale: 3, least: -100, most: 100 },
    },
    members: Array.from({ length: nMembers }, member),
  };
}

/** A bundle of the model; of the manifest, what the API reads. */
export function sampleBundle(model: Model, version = 3): Bundle {
  const members = model.members.map(({ weight, mixture }, m) => ({
    weight,
    recombination: mixture.recombination,
    gate: { kind: "softmax", blob: "a".repeat(64) },
    experts: mixture.experts.map((_, k) => ({
      id: `m${m}.e${k}`,
      kind: "mlp",
      blob: String(k).repeat(64),
      share: 0.5,
      residuals: { nSamples: 1, meanSquaredError: 1 },
    })),
  }));
  const manifest = { members, createdAt: "2026-01-01T00:00:00Z", provenance: { verdict: {} } };
  const digest = String(version % 10).repeat(64);
  return {
    model,
    explanation: null,
    version,
    folder: "",
    digest,
    manifest: manifest as unknown as Bundle["manifest"],
  };
}

export interface Served {
  readonly registry: Registry;
  readonly server: ReturnType<typeof createServer>;
}

/** A server of one model, `m`. */
export function serve(
  model: Model,
  options: ServerOptions = {},
  loading: Partial<RegistryOptions & Bundle> = {},
): Served {
  const registry = createRegistry({ engine, ...loading });
  registry.put("m", [{ ...sampleBundle(model), explanation: loading.explanation ?? null }]);
  return { registry, server: createServer(registry, options) };
}

/** A request's body with tensors as bytes after the JSON, and the header that says where. */
export function binaryBody(
  document: object,
  ...tensors: readonly Uint8Array[]
): { readonly payload: Buffer; readonly headers: Record<string, string> } {
  const json = Buffer.from(JSON.stringify(document));
  return {
    payload: Buffer.concat([json, ...tensors]),
    headers: {
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(json.length),
    },
  };
}

/** Texts as a BYTES tensor: each after its length in 4 bytes. */
export function bytesTensor(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}
