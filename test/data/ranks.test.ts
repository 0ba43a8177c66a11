/**
 * Goal: values that a law tells apart stay apart in the 32-bit matrix, whatever offset and scales
 * their column has.
 * Method: trees and a forest learn a step between near values of columns with large offsets and
 * several scales; the order of values; places and values are each other's inverse.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  fitPreprocessing,
  type NumberFeature,
  type Preprocessing,
  scaleTarget,
  type Table,
  unstandardise,
} from "../../src/data/index.ts";
import { createReferenceEngine, fitFamily, predictExpert } from "../../src/experts/index.ts";
import { regressionMetrics } from "../../src/metrics/index.ts";
import { createRng, type Rng } from "../../src/shared/rng.ts";

const N = 2000;

type Draw = (rng: Rng, i: number) => readonly [x: number, y: number];

/** A step of the law at half of `span` after `start`. */
function step(rng: Rng, start: number, span: number, unit = 1): readonly [number, number] {
  const after = Math.floor(rng.uniform() * span) * unit;
  return [start + after, after >= (span * unit) / 2 ? 1 : 0];
}

const COLUMNS: readonly (readonly [string, Draw])[] = [
  ["seconds from 1.7e9", (rng) => step(rng, 1.7e9, 2000)],
  ["microseconds from 1.7e15", (rng) => step(rng, 1.7e15, 1000)],
  ["thousandths from 1e9", (rng) => step(rng, 1e9, 1000, 1e-3)],
  ["tenths from 1e12", (rng) => step(rng, 1e12, 10, 0.1)],
  [
    "ten seconds beside years",
    (rng) => (rng.uniform() < 0.5 ? [1.1e9 + rng.uniform() * 1e8, 0] : step(rng, 1.7e9, 10)),
  ],
  [
    "fifteen decades",
    (rng) => {
      const decade = -3 + 15 * rng.uniform();
      return [10 ** decade, decade];
    },
  ],
  ["outliers that differ", (rng, i) => (i < 200 ? [1e12 + i, i / 10] : [rng.normal(), 0])],
  ["one cell of 1e12", (rng, i) => (i === 7 ? [1e12, 0] : step(rng, 1.7e9, 1000))],
  ["values beyond six deviations", (rng, i) => [i % 50 === 0 ? 60 + i / N : rng.normal(), i % 50]],
];

function tableOf(values: Float64Array): Table {
  return { nRows: values.length, columns: [{ type: "number", name: "x", values }] };
}

function draw(seed: number, cells: Draw): { readonly table: Table; readonly y: Float64Array } {
  const rng = createRng(seed);
  const rows = Array.from({ length: N }, (_, i) => cells(rng, i));
  return {
    table: tableOf(Float64Array.from(rows, ([x]) => x)),
    y: Float64Array.from(rows, ([, y]) => y),
  };
}

function learn(
  table: Table,
  y: Float64Array = Float64Array.from({ length: table.nRows }, (_, i) => i),
): Preprocessing {
  return fitPreprocessing(table, y, Int32Array.from(y.keys()), "t");
}

function numbersOf({ columns: [column] }: Table): Float64Array {
  if (column?.type !== "number") throw new Error("the column holds numbers");
  return column.values;
}

function featureOf(values: readonly number[]): NumberFeature {
  const [feature] = learn(tableOf(Float64Array.from(values))).features;
  if (feature?.type !== "number") throw new Error("the column holds numbers");
  return feature;
}

describe.each(["trees", "forest"] as const)("%s resolve", (family) => {
  test.each(COLUMNS.slice(0, 8))("%s", (_name, cells) => {
    const [train, held] = [draw(1, cells), draw(2, cells)];
    const preprocessing = learn(train.table, train.y);
    const [X, T] = [train.table, held.table].map((table) =>
      applyPreprocessing(preprocessing, table),
    );
    const y = scaleTarget(train.y, preprocessing.target);
    const expert = fitFamily(family, { X: X!, y, weights: null, groups: null }, 1);
    const answers = predictExpert(createReferenceEngine(), expert, T!);
    const truth = Float64Array.from(scaleTarget(held.y, preprocessing.target));
    const { r2 } = regressionMetrics(truth, Float64Array.from(answers));
    expect(r2).toBeGreaterThanOrEqual(0.99);
  });
});

test.each(COLUMNS)("%s keep their order", (_name, cells) => {
  const { table } = draw(3, cells);
  const { values } = applyPreprocessing(learn(table), table);
  const x = numbersOf(table);
  const order = [...x.keys()].sort((a, b) => x[a]! - x[b]!);
  for (let r = 1; r < N; r++) {
    expect(values[order[r]!]!).toBeGreaterThanOrEqual(values[order[r - 1]!]!);
  }
});

test("a column whose values 32 bits tell apart has no knots", () => {
  for (const [, cells] of COLUMNS.slice(0, 4)) {
    const { table } = draw(4, cells);
    const [feature] = learn(table).features;
    expect(feature).not.toHaveProperty("knots");
    expect(feature).not.toHaveProperty("constant");
  }
});

test("a place leads to a value that leads back, inside and beyond the knots", () => {
  const feature = featureOf(Array.from({ length: 300 }, (_, i) => (i % 2) * 1e9 + i / 7));
  expect(feature.knots).toHaveLength(256);
  const preprocessing = { ...learn(tableOf(Float64Array.of(1, 2))), features: [feature] };
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -6, max: 6 }), (place) => {
      const value = Float64Array.of(unstandardise(feature, place));
      const { values } = applyPreprocessing(preprocessing, tableOf(value));
      expect(values[0]).toBeCloseTo(place, 4);
    }),
  );
  const far = applyPreprocessing(preprocessing, tableOf(Float64Array.of(-1e300, 1e300)));
  expect([...far.values]).toEqual([-6, 6]);
});

test.each([0.1, 7, 1e12 + 0.3, -1 / 3])("100,000 cells of %d are constant", (value) => {
  expect(featureOf(new Array(100_000).fill(value)).constant).toBe("one value");
});

test("numbers that differ by their rounding are constant, whole ones that differ are not", () => {
  const rounded = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 0.1 + 0.2 : 0.3));
  expect(featureOf(rounded).constant).toBe("one value");
  const whole = Array.from({ length: 100 }, (_, i) => 9e15 + i);
  expect(featureOf(whole).constant).toBeUndefined();
});
