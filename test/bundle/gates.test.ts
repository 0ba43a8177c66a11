/**
 * Goal: a gate's blob that is well-formed and makes no gate is refused, whatever its kind.
 * Method: the tensors of a true gate, one thing changed at a time.
 */
import { describe, expect, test } from "vitest";
import { parseBy } from "../../src/bundle/fields.ts";
import type { EnsembleEntry, TreeEntry } from "../../src/bundle/gate-schema.ts";
import { gateSchema } from "../../src/bundle/gate-schema.ts";
import { gateOf, gateTensors } from "../../src/bundle/gate-tensors.ts";
import type { Tensor } from "../../src/bundle/safetensors.ts";
import type { TreeGate } from "../../src/gate/index.ts";
import { makeContent } from "./models.ts";

const BLOB = "0".repeat(64);

/** Two cuts of inputs 0 and 1, of two knots each, and three leaves. */
const TREE: TreeGate = {
  kind: "tree",
  nExperts: 2,
  nFeatures: 2,
  nodes: [
    {
      feature: 0,
      threshold: 0.5,
      values: Float64Array.of(0, 1),
      below: Float64Array.of(0, 1),
      left: 1,
      right: 2,
    },
    { expert: 0 },
    {
      feature: 1,
      threshold: 2.5,
      values: Float64Array.of(2, 3),
      below: Float64Array.of(0, 1),
      left: 3,
      right: 4,
    },
    { expert: 1 },
    { expert: 0 },
  ],
};
const ENTRY: TreeEntry = {
  kind: "tree",
  blob: BLOB,
  nExperts: 2,
  nFeatures: 2,
  nNodes: 5,
  nKnots: 4,
};

function changed(name: string, place: number, value: number): ReadonlyMap<string, Tensor> {
  const tensors = new Map(gateTensors(TREE));
  const tensor = tensors.get(name)!;
  const values = tensor.values.slice();
  values[place] = value;
  return tensors.set(name, { ...tensor, values } as Tensor);
}

describe("a tree", () => {
  test("comes back as it was", () => {
    expect(gateOf(ENTRY, gateTensors(TREE), "blob")).toEqual(TREE);
  });

  test.each([
    ["a cut of an input that there is not", "features", 0, 2, "must name one of 2 inputs"],
    ["a leaf of an expert that there is not", "experts", 1, 2, "must name one of 2 experts"],
    ["a way back to the root", "left", 2, 0, "must lead to later nodes"],
    ["a way to itself", "right", 2, 2, "must lead to later nodes"],
    ["two ways to one node", "right", 0, 1, "must lead to later nodes"],
    ["a way out of the tree", "right", 2, 5, "must lead to later nodes"],
    ["one knot", "knots", 0, 1, "must have 2 knots or more"],
    ["more knots than there are", "knots", 2, 1e6, "must have 2 knots or more"],
    ["values that do not ascend", "values", 1, 0, "must have a distribution"],
    ["a distribution that ends below 1", "below", 3, 0.9, "must have a distribution"],
    ["a threshold outside its knots", "thresholds", 0, 1.5, "must have a distribution"],
    ["a value that is not finite", "values", 0, Number.NaN, "must hold finite numbers"],
  ])("with %s is refused", (_, name, place, value, problem) => {
    expect(() => gateOf(ENTRY, changed(name, place, value), "blob")).toThrow(problem);
  });

  test("of fewer nodes or knots than its manifest says is refused", () => {
    for (const entry of [
      { ...ENTRY, nNodes: 6 },
      { ...ENTRY, nKnots: 5 },
    ]) {
      expect(() => gateOf(entry, gateTensors(TREE), "blob")).toThrow("must be");
    }
  });
});

test("an ensemble with a net too few, or tensors of a net too many, is refused", () => {
  const { model } = makeContent({ seed: 2, experts: ["mlp", "mlp"], gate: "ensemble" });
  const { gate } = model.members[0]!.mixture;
  if (gate?.kind !== "ensemble") throw new Error("the plan has an ensemble");
  const { features, nFeatures, temperature, nets } = gate;
  const entry: EnsembleEntry = {
    kind: "ensemble",
    blob: BLOB,
    sizes: nets[0]!.sizes,
    activation: nets[0]!.activation,
    nNets: 3,
    features,
    nFeatures,
    temperature,
  };
  expect(gateOf(entry, gateTensors(gate), "blob")).toEqual(gate);
  for (const nNets of [2, 4]) {
    expect(() => gateOf({ ...entry, nNets }, gateTensors(gate), "blob")).toThrow("must hold");
  }
});

test.each([
  [{ ...ENTRY, nExperts: 1 }],
  [{ ...ENTRY, nNodes: 1e9 }],
  [{ ...ENTRY, depth: 3 }],
  [{ kind: "svm", blob: BLOB, nExperts: 2, nFeatures: 2, cost: 1, gamma: 1, kernel: "sigmoid" }],
  [{ kind: "svm", blob: BLOB, nExperts: 2, nFeatures: 2, cost: 1, gamma: 1, features: [1, 0] }],
  [{ kind: "svm", blob: BLOB, nExperts: 2, nFeatures: 2, cost: 1, gamma: 1, features: [] }],
])("the entry %j is refused", (entry) => {
  expect("value" in parseBy(gateSchema, entry)).toBe(false);
});
