/**
 * Goal: contributions are the Shapley values that the Python package shap computes.
 * Method: PyPI's shap on models drawn at random: its exact explainer on the worth of every coalition
 * of columns, its linear and its tree explainer on the parameters of those families.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { TreesExpert } from "../../src/experts/index.ts";
import { fitForest } from "../../src/experts/trees/forest.ts";
import type { Model } from "../../src/mixture/index.ts";
import { type Matrix, rowOf, takeRows } from "../../src/shared/matrix.ts";
import { N_INPUTS } from "../bundle/models.ts";
import {
  backgroundFor,
  clusters,
  contributionsTo,
  drawnRows,
  numberFeatures,
  wideModel,
  worthsOf,
} from "../explain/games.ts";
import { pythonWith } from "./python.ts";

const SCRIPT = fileURLToPath(new URL("./shap_check.py", import.meta.url));
const PACKAGES = ["shap==0.48.0", "numpy==2.4.6"];

type Values = Readonly<Record<string, readonly number[]>>;

const six = { features: numberFeatures(6) };
const forest = wideModel({ seed: 3, experts: ["trees"], gate: "softmax", ...six }, () => {
  const X = drawnRows(80, 6, 3);
  const y = Float32Array.from({ length: 80 }, (_, i) => {
    return Math.sin(2 * X.values[i * 6]!) + X.values[i * 6 + 1]! * X.values[i * 6 + 2]!;
  });
  return fitForest({ X, y, weights: null, groups: null }, 1);
});
const line = wideModel({ seed: 1, experts: ["ridge"], gate: "softmax", ...six }, () => ({
  kind: "ridge",
  degree: 1,
  nFeatures: 6,
  penalty: 0,
  coefficients: Float64Array.of(1, 0.5, -2, 0.25, 3, -0.125, 1.5),
}));
const EXACT: readonly (readonly [string, Model, number])[] = [
  ["a line", line, 6],
  ["a forest", forest, 6],
  ["ridge with a category and a missing mark", drawn(2, ["ridge"]), N_INPUTS],
  ["quadratic ridge with a category", drawn(4, ["ridge"]), N_INPUTS],
  ["trees with a category", drawn(3, ["trees"]), N_INPUTS],
  ["a net of few columns", drawn(5, ["mlp"]), N_INPUTS],
  ["a process of few columns", drawn(6, ["gp"]), N_INPUTS],
  ["a committee of mixtures", drawn(7, ["mlp", "ridge"], 2), N_INPUTS],
];
const many = { features: numberFeatures(12) };
const SAMPLED = wideModel({ seed: 8, experts: ["mlp", "mlp"], gate: "softmax", ...many });
const X12 = drawnRows(1, 12);
let found: readonly Values[];

function drawn(seed: number, experts: readonly ("mlp" | "ridge" | "gp" | "trees")[], nMembers = 1) {
  return wideModel({ seed, experts, gate: "softmax", nMembers });
}

/** One case of the script: the game of row 0, and the model where it has an explainer. */
function caseOf(model: Model, X: Matrix): object {
  const background = backgroundFor(model, clusters(model, X.nColumns));
  const worths = Array.from(worthsOf(model, background, takeRows(X, [0])));
  const rows = Array.from({ length: background.X.nRows }, (_, r) => [...rowOf(background.X, r)]);
  const given = { worths, nColumns: Math.log2(worths.length), row: [...rowOf(X, 0)] };
  const expert = model.members[0]!.mixture.experts[0]!;
  const { scale, mean } = model.preprocessing.target;
  if (model === line && expert.kind === "ridge") {
    const [intercept, ...slopes] = [...expert.coefficients].map((value) => scale * value);
    const linear = { intercept: intercept! + mean, coefficients: slopes };
    return { ...given, background: rows, linear };
  }
  if (model === forest && expert.kind === "trees") {
    return { ...given, background: rows, trees: treesOf(expert, scale) };
  }
  return given;
}

/** Trees as shap takes them: each with arrays from its root on. */
function treesOf(
  { roots, features, thresholds, children, values, base }: TreesExpert,
  scale: number,
) {
  const trees = Array.from(roots, (root, t) => {
    const end = roots[t + 1] ?? features.length;
    const nodes = Array.from({ length: end - root }, (_, n) => root + n);
    const child = (side: number) =>
      nodes.map((node) => (features[node]! < 0 ? -1 : children[node]! - root + side));
    return {
      left: child(0),
      right: child(1),
      features: nodes.map((node) => features[node]!),
      thresholds: nodes.map((node) => thresholds[node]!),
      values: nodes.map((node) => scale * values[node]!),
    };
  });
  return { trees, base: scale * base };
}

beforeAll(() => {
  const cases = EXACT.map(([, model, nInputs]) => caseOf(model, drawnRows(1, nInputs)));
  const input = JSON.stringify([...cases, caseOf(SAMPLED, X12)]);
  const python = pythonWith("shap-0.48.0", PACKAGES);
  const text = execFileSync(python, [SCRIPT], { input, encoding: "utf8", maxBuffer: 2 ** 28 });
  found = JSON.parse(text) as readonly Values[];
}, 900_000);

describe("contributions are those of shap to 1e-6, of", () => {
  test.each(EXACT.map(([name], c) => [name, c] as const))("%s", (_name, c) => {
    const [, model, nInputs] = EXACT[c]!;
    const { values } = contributionsTo(model, drawnRows(1, nInputs));
    const explainers = Object.entries(found[c]!);
    expect(explainers.length).toBe(model === line || model === forest ? 2 : 1);
    for (const [explainer, expected] of explainers) {
      // Answers have 32 bits, so the worths of a coalition are rounded as large answers are.
      const { scale } = model.preprocessing.target;
      const size = Math.max(scale, ...expected.map(Math.abs));
      const apart = expected.map((value, p) => Math.abs(value - values[p]!) / size);
      expect(Math.max(...apart), explainer).toBeLessThan(1e-6);
    }
  });
});

test("estimates of many columns lie within five of their standard errors of shap's", () => {
  const { values, errors } = contributionsTo(SAMPLED, X12);
  found.at(-1)!["exact"]!.forEach((expected, p) => {
    expect(Math.abs(values[p]! - expected)).toBeLessThan(5 * errors[p]! + 1e-6);
  });
  expect(errors.some((error) => error > 0)).toBe(true);
});
