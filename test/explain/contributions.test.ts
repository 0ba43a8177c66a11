/**
 * Goal: contributions are the Shapley values of the columns, and sum to the answer.
 * Method: models drawn at random of every family; the definition by brute force over coalitions; a
 * line whose values a reader can check by hand.
 */
import { describe, expect, test } from "vitest";
import { fitForest } from "../../src/experts/trees/forest.ts";
import { createContributor } from "../../src/explain/index.ts";
import { type Model, predictMatrix } from "../../src/mixture/index.ts";
import { type Matrix, takeRows } from "../../src/shared/matrix.ts";
import { N_INPUTS } from "../bundle/models.ts";
import {
  backgroundFor,
  clusters,
  contributionsTo,
  drawnRows,
  engine,
  numberFeatures,
  wideModel,
  worthsOf,
} from "./games.ts";

function explainedBy(model: Model, X: Matrix) {
  const explanation = clusters(model, X.nColumns);
  const answers = predictMatrix(engine, model, X).values;
  return { ...contributionsTo(model, X), answers, background: backgroundFor(model, explanation) };
}

/** φ_c = Σ_S |S|! (n − |S| − 1)! / n! · (v(S ∪ c) − v(S)). */
function shapley(worths: Float64Array, nColumns: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  return Array.from({ length: nColumns }, (_, c) => {
    let sum = 0;
    worths.forEach((worth, coalition) => {
      if ((coalition >> c) & 1) return;
      const size = coalition.toString(2).replaceAll("0", "").length;
      const share = (factorial(size) * factorial(nColumns - size - 1)) / factorial(nColumns);
      sum += share * (worths[coalition | (1 << c)]! - worth);
    });
    return sum;
  });
}

test("a line's contributions are slope times distance from the background's mean", () => {
  const model = wideModel(
    { seed: 1, experts: ["ridge"], gate: "softmax", features: numberFeatures(2) },
    () => ({
      kind: "ridge",
      degree: 1,
      nFeatures: 2,
      penalty: 0,
      coefficients: Float64Array.of(7, 2, -3),
    }),
  );
  const X = { values: Float32Array.of(1, 2), nRows: 1, nColumns: 2 };
  const { background, values, columns, errors } = explainedBy(model, X);
  const mean = (j: number): number =>
    [0, 1, 2].reduce((sum, r) => sum + background.X.values[2 * r + j]! / 3, 0);
  const { scale } = model.preprocessing.target;
  expect(columns).toEqual(["x0", "x1"]);
  expect(values[0]).toBeCloseTo(scale * 2 * (1 - mean(0)), 4);
  expect(values[1]).toBeCloseTo(scale * -3 * (2 - mean(1)), 4);
  expect([...errors]).toEqual([0, 0]);
});

const forestOf = (nColumns: number) => {
  const X = drawnRows(80, nColumns, 3);
  const y = Float32Array.from({ length: 80 }, (_, i) => {
    return Math.sin(2 * X.values[i * nColumns]!) + X.values[i * nColumns + 1]! ** 2;
  });
  return fitForest({ X, y, weights: null, groups: null }, 1);
};
const columns = (count: number) => ({ features: numberFeatures(count) });
const CASES: readonly (readonly [string, Model, number])[] = [
  ["linear", wideModel({ seed: 2, experts: ["ridge"], gate: "softmax" }), N_INPUTS],
  ["quadratic", wideModel({ seed: 4, experts: ["ridge"], gate: "softmax" }), N_INPUTS],
  ["trees", wideModel({ seed: 3, experts: ["trees"], gate: "softmax" }), N_INPUTS],
  [
    "a forest",
    wideModel({ seed: 3, experts: ["trees"], gate: "softmax", ...columns(6) }, () => forestOf(6)),
    6,
  ],
  ["a net", wideModel({ seed: 5, experts: ["mlp"], gate: "softmax" }), N_INPUTS],
  ["a process", wideModel({ seed: 6, experts: ["gp"], gate: "softmax" }), N_INPUTS],
  [
    "a committee of mixtures",
    wideModel({ seed: 7, experts: ["mlp", "ridge"], gate: "softmax", nMembers: 2 }),
    N_INPUTS,
  ],
];

describe.each(CASES)("of %s", (_name, model, nInputs) => {
  const X = drawnRows(3, nInputs);
  const found = explainedBy(model, X);
  const nColumns = found.columns.length;

  test("they are the Shapley values of the columns", () => {
    for (let i = 0; i < X.nRows; i++) {
      const worths = worthsOf(model, found.background, takeRows(X, [i]));
      const expected = shapley(worths, nColumns);
      const spread = Math.max(...expected.map(Math.abs));
      expected.forEach((value, c) => {
        expect(Math.abs(found.values[i * nColumns + c]! - value)).toBeLessThan(1e-5 * spread);
      });
    }
    expect(found.errors.every((error) => error === 0)).toBe(true);
  });

  test("they sum to the answer less the base value", () => {
    found.answers.forEach((answer, i) => {
      const own = found.values.subarray(i * nColumns, (i + 1) * nColumns);
      const sum = own.reduce((total, value) => total + value, found.base);
      expect(sum).toBeCloseTo(answer, 9);
    });
    expect([...found.limits]).toEqual([0, 0, 0]);
  });
});

describe("of many columns", () => {
  const model = wideModel({ seed: 8, experts: ["mlp"], gate: "softmax", ...columns(12) });
  const X = drawnRows(4, 12);
  const found = explainedBy(model, X);

  test("they are estimated within a few of their standard errors, and sum to the answer", () => {
    const apart: number[] = [];
    for (let i = 0; i < X.nRows; i++) {
      const expected = shapley(worthsOf(model, found.background, takeRows(X, [i])), 12);
      expected.forEach((value, c) => {
        const at = i * 12 + c;
        if (found.errors[at]! > 1e-9) apart.push((found.values[at]! - value) / found.errors[at]!);
      });
      const own = found.values.subarray(i * 12, (i + 1) * 12);
      expect(own.reduce((sum, value) => sum + value, found.base)).toBeCloseTo(found.answers[i]!, 9);
    }
    expect(apart.length).toBeGreaterThan(40);
    expect(Math.max(...apart.map(Math.abs))).toBeLessThan(5);
    expect(Math.hypot(...apart) / Math.sqrt(apart.length)).toBeLessThan(1.5);
  });

  test("a row alone has the values that it has among others", () => {
    const alone = explainedBy(model, takeRows(X, [2]));
    expect([...alone.values]).toEqual([...found.values.subarray(24, 36)]);
  });
});

test("what a bound on answers cuts is a part of its own, so that the sum holds", () => {
  const { preprocessing, members } = wideModel({ seed: 2, experts: ["ridge"], gate: "softmax" });
  const target = { ...preprocessing.target, least: 35, most: 36 };
  const model = { preprocessing: { ...preprocessing, target }, members };
  const { answers, values, base, limits } = explainedBy(model, drawnRows(3, N_INPUTS));
  expect(limits.some((limit) => limit !== 0)).toBe(true);
  answers.forEach((answer, i) => {
    const sum = values.subarray(3 * i, 3 * i + 3).reduce((total, value) => total + value, base);
    expect(sum + limits[i]!).toBeCloseTo(answer, 9);
  });
});

test("a background row has whole categories and missing marks", () => {
  const model = wideModel({ seed: 2, experts: ["ridge"], gate: "softmax" });
  const { X, weights } = backgroundFor(model, clusters(model, N_INPUTS));
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
  for (let r = 0; r < X.nRows; r++) {
    const [, a, b, unknown, , mark] = X.values.subarray(r * N_INPUTS, (r + 1) * N_INPUTS);
    expect([a, b, unknown, mark].every((value) => value === 0 || value === 1)).toBe(true);
    expect(a! + b! + unknown!).toBeLessThanOrEqual(1);
  }
});

test("a model whose regimes had no rows has no background", () => {
  const model = wideModel({ seed: 2, experts: ["ridge"], gate: "softmax" });
  const { members } = clusters(model, N_INPUTS);
  const empty = members.map((member) => ({
    ...member,
    experts: member.experts.map(({ card, novelty }) => ({ card: { ...card, nRows: 0 }, novelty })),
  }));
  expect(createContributor(engine, model, { members: empty })).toBeNull();
});
