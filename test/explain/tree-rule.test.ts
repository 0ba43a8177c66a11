import { expect, test } from "vitest";
import type { Feature } from "../../src/data/index.ts";
import { treeAlternatives } from "../../src/explain/tree-rule.ts";
import type { TreeGate, TreeNode } from "../../src/gate/index.ts";

const AGE: Feature = {
  type: "number",
  name: "age",
  median: 40,
  mean: 40,
  scale: 10,
  indicator: true,
};
const MILL: Feature = { type: "category", name: "mill", levels: ["a", "b", "c"] };
/** The matrix' columns: age, age is missing, mill a, b, c, another mill. */
const FEATURES = [AGE, MILL];

function cut(feature: number, [low, high]: readonly [number, number], left: number): TreeNode {
  const [values, below] = [Float64Array.of(low, high), Float64Array.of(0, 1)];
  return { feature, threshold: (low + high) / 2, values, below, left, right: left + 1 };
}

const gateOf = (nodes: readonly TreeNode[]): TreeGate => {
  return { kind: "tree", nExperts: 2, nFeatures: 6, nodes };
};

test("each way to a leaf is an alternative, in the user's units and levels", () => {
  // age is cut between 54.6 and 55.8, mill b apart above that.
  const gate = gateOf([
    cut(0, [1.46, 1.58], 1),
    { expert: 0 },
    cut(3, [0, 1], 3),
    { expert: 1 },
    { expert: 0 },
  ]);
  const young = { kind: "range", feature: "age", from: null, to: 55, orMissing: true };
  const old = { kind: "range", feature: "age", from: 55, to: null, orMissing: false };
  const isB = { kind: "levels", feature: "mill", levels: ["b"], among: true };
  expect(treeAlternatives(gate, FEATURES, 0)).toEqual([[young], [old, isB]]);
  expect(treeAlternatives(gate, FEATURES, 1)).toEqual([[old, { ...isB, among: false }]]);
});

test("a threshold of a column by rank parts the same rows as the cut", () => {
  const knots = [1.1e9, 1.2e9, 1.7e9, 1.7e9 + 1, 1.7e9 + 2];
  const time: Feature = { ...AGE, name: "time", indicator: false, median: 1.7e9, knots };
  const place = (q: number): number => (q / 2 - 1) * Math.sqrt(3);
  const gate = gateOf([cut(0, [place(2), place(3)], 1), { expert: 0 }, { expert: 1 }]);
  const [[condition] = []] = treeAlternatives(gate, [time], 1) ?? [];
  if (condition?.kind !== "range") throw new Error("the condition is a range");
  expect(condition.from).toBeGreaterThan(1.7e9);
  expect(condition.from).toBeLessThanOrEqual(1.7e9 + 1);
});

test("an indicator's cut tells missing values, and a level of a closed feature is never there", () => {
  const gate = gateOf([cut(1, [0, 1], 1), { expert: 0 }, { expert: 1 }]);
  const missing = { kind: "missing", feature: "age", missing: true };
  expect(treeAlternatives(gate, FEATURES, 1)).toEqual([[missing]]);
  expect(treeAlternatives(gate, FEATURES, 0)).toEqual([[{ ...missing, missing: false }]]);
  const unknown = gateOf([cut(5, [0, 1], 1), { expert: 0 }, { expert: 1 }]);
  expect(treeAlternatives(unknown, [AGE, { ...MILL, closed: true }], 1)).toBeNull();
});

test("a tree of one leaf, or of too many, has no rule to read", () => {
  expect(treeAlternatives(gateOf([{ expert: 0 }]), FEATURES, 0)).toBeNull();
  const chain = Array.from({ length: 9 }, (_, q): readonly TreeNode[] => [
    cut(0, [q / 4 - 1, q / 4 - 0.9], 2 * q + 1),
    { expert: 0 },
  ]).flat();
  expect(treeAlternatives(gateOf([...chain, { expert: 1 }]), FEATURES, 0)).toBeNull();
});
