/**
 * Goal: rows of numbers, which are read in one pass, give the matrix that a table of them gives, or
 * its error.
 * Method: rows at random, of numbers, gaps, texts and other things, by both ways; names and rows
 * that inherit.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  checkGivenColumns,
  type Feature,
  matrixFromRecords,
  type Preprocessing,
  tableFromRecords,
} from "../../src/data/index.ts";

const NUMBER = { type: "number", median: 0.5, mean: 0.1, scale: 1.7, indicator: false } as const;
const FEATURES: readonly Feature[] = [
  { ...NUMBER, name: "a" },
  { ...NUMBER, name: "b", indicator: true, codes: [-999] },
  { ...NUMBER, name: "c", tails: "bounded" },
];
const TARGET = { name: "t", mean: 0, scale: 1, least: -1, most: 1 };
type Rows = readonly Readonly<Record<string, unknown>>[];

function outcome(make: () => { readonly values: Float32Array }): unknown {
  try {
    return make();
  } catch (error) {
    return String(error);
  }
}

function expectSame(rows: Rows, preprocessing: Preprocessing): void {
  const byTable = outcome(() => {
    checkGivenColumns(rows, preprocessing);
    return applyPreprocessing(preprocessing, tableFromRecords(rows, preprocessing));
  });
  expect(outcome(() => matrixFromRecords(rows, preprocessing))).toEqual(byTable);
}

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const gap = fc.constantFrom(null, undefined, -999);
const odd = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "12",
  "NA",
  "x",
  true,
  7n,
  {},
  [],
);

describe("rows at random", () => {
  test.each([
    ["numbers", fc.oneof({ weight: 9, arbitrary: number }, gap)],
    ["anything", fc.oneof({ weight: 8, arbitrary: number }, gap, odd)],
  ])("of %s", (_what, cell) => {
    const row = fc.record({ a: cell, b: cell, c: cell }, { requiredKeys: [] });
    const missing = fc.constantFrom(undefined, ["-999", "x"], [""]);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), missing, (rows, marks) => {
        const marked = marks === undefined ? {} : { missing: marks };
        expectSame(rows, { features: FEATURES, target: TARGET, ...marked });
      }),
    );
  });
});

test.each<[string, Feature, Rows]>([
  ["a name that every object has", { ...NUMBER, name: "constructor" }, [{ constructor: 3 }, {}]],
  ["rows that inherit a cell", { ...NUMBER, name: "a" }, [{ a: 1 }, Object.create({ a: 2 })]],
  [
    "rows without a prototype",
    { ...NUMBER, name: "a" },
    [Object.assign(Object.create(null), { a: 2 })],
  ],
  ["a column that never varied", { ...NUMBER, name: "a", constant: "one value" }, [{ a: 4 }]],
  [
    "a column of levels",
    { type: "category", name: "a", levels: ["1", "x"] },
    [{ a: 1 }, { a: "x" }],
  ],
  ["a column that no row has", { ...NUMBER, name: "a" }, [{ b: 1 }]],
  ["no rows", { ...NUMBER, name: "a" }, []],
])("%s", (_what, feature, rows) => {
  expectSame(rows, { features: [feature], target: TARGET });
});
