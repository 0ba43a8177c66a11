/**
 * Goal: an effect is the expert's own law, in the user's units, and its words say its shape.
 * Method: ridge experts whose formula is known, tables by hand.
 */
import { expect, test } from "vitest";
import type { Preprocessing, Table } from "../../src/data/index.ts";
import { applyPreprocessing, fitPreprocessing } from "../../src/data/index.ts";
import { createReferenceEngine, type RidgeExpert } from "../../src/experts/index.ts";
import { mainEffects } from "../../src/explain/effects.ts";
import { type Effect, effectInWords } from "../../src/explain/index.ts";

const engine = createReferenceEngine();
const n = 200;
const all = Int32Array.from({ length: n }, (_, i) => i);
const numbers = (name: string, valueAt: (i: number) => number) => {
  return { type: "number" as const, name, values: Float64Array.from(all, valueAt) };
};
const colour = {
  type: "category" as const,
  name: "colour",
  values: Array.from(all, (i) => (i % 4 === 0 ? "red" : "blue")),
};

function effectsOf(
  table: Table,
  coefficients: readonly number[],
  degree: 1 | 2 = 1,
): readonly Effect[] {
  const y = Float64Array.from(all, (i) => (i % 2 === 0 ? -1000 : 1000));
  const preprocessing: Preprocessing = fitPreprocessing(table, y, all, "y");
  const X = applyPreprocessing(preprocessing, table);
  const expert: RidgeExpert = {
    kind: "ridge",
    degree,
    nFeatures: X.nColumns,
    penalty: 0,
    coefficients: Float64Array.from(coefficients),
  };
  return mainEffects(engine, expert, preprocessing, { table, X, rows: all });
}

test("a straight line's effect is its slope in units, its importance its deviation", () => {
  const table = { nRows: n, columns: [numbers("x", (i) => 10 + i), numbers("idle", (i) => i % 7)] };
  const [effect, ...others] = effectsOf(table, [0, 0.01, 0]);
  expect(others).toEqual([]);
  const slope = (1000 * 0.01) / Math.sqrt((n * n - 1) / 12);
  const { values, answers } = effect!;
  const [from, to] = [0, values.length - 1];
  const rise = (answers[to]! - answers[from]!) / (Number(values[to]) - Number(values[from]));
  expect(rise).toBeCloseTo(slope, 3);
  expect(effect!.importance).toBeCloseTo(10, 1);
  expect(effectInWords(effect!)).toBe("rises from -16.4 to 16.5");
});

test("a pure interaction has importance though its mean effect is flat", () => {
  const table = {
    nRows: n,
    columns: [numbers("a", (i) => (i % 2) * 2 - 1), numbers("b", (i) => ((i >> 1) % 2) * 2 - 1)],
  };
  const effects = effectsOf(table, [0, 0, 0, 0, 0.01, 0], 2);
  expect(effects.map(({ feature }) => feature).sort()).toEqual(["a", "b"]);
  for (const { importance, answers } of effects) {
    expect(importance).toBeCloseTo(10, 5);
    for (const answer of answers) expect(Math.abs(answer)).toBeLessThan(3);
  }
});

test("levels are told apart by name, frequent ones count for more", () => {
  const [effect] = effectsOf({ nRows: n, columns: [colour] }, [0, -0.01, 0.03, 0]);
  expect(effect!.values).toEqual(["blue", "red"]);
  expect(effect!.answers.map(Math.round)).toEqual([-10, 30]);
  expect(effectInWords(effect!)).toBe("30 for red to -10 for blue");
});

test("no effects of constant and of missing columns, and at most three", () => {
  const columns = [
    numbers("same", () => 4),
    numbers("gone", () => Number.NaN),
    ...[1, 2, 3, 4, 5].map((j) => numbers(`x${j}`, (i) => (i * j) % 97)),
  ];
  const effects = effectsOf({ nRows: n, columns }, [0, 9, 9, 0.01, 0.05, 0.02, 0.03, 0.04]);
  expect(effects.map(({ feature }) => feature)).toEqual(["x2", "x5", "x4"]);
});

test("missing values are left out of an effect's values", () => {
  const gappy = numbers("x", (i) => (i % 3 === 0 ? Number.NaN : i));
  const [effect] = effectsOf({ nRows: n, columns: [gappy] }, [0, 0.01, 0.5]);
  expect(effect!.values.every(Number.isFinite)).toBe(true);
  expect(Math.max(...effect!.answers.map(Math.abs))).toBeLessThan(25);
});

test.each<[readonly number[], string]>([
  [[1, 2, 3], "rises from 1 to 3"],
  [[3, 2, 1.04], "falls from 3 to 1.04"],
  [[1, 5, 2], "rises from 1 to 5 at 20, then falls to 2"],
  [[5, -1, 4], "falls from 5 to -1 at 20, then rises to 4"],
])("answers %j are told as: %s", (answers, words) => {
  expect(effectInWords({ feature: "x", importance: 1, values: [10, 20, 30], answers })).toBe(words);
});
