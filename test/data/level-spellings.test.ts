/**
 * Goal: a level that rows to predict spell otherwise than training is known, and a note says so.
 * Method: cells against the levels of a category, as columns of a matrix.
 */
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  type CategoryFeature,
  describeOddities,
  describeUnlikeTraining,
  type Preprocessing,
  type Table,
} from "../../src/data/index.ts";

function of(levels: readonly string[], more: Partial<CategoryFeature> = {}): Preprocessing {
  const target = { name: "y", mean: 0, scale: 1, least: -1, most: 1 };
  return { features: [{ type: "category", name: "c", levels, ...more }], target };
}

function cells(...values: readonly (string | null)[]): Table {
  return { nRows: values.length, columns: [{ type: "category", name: "c", values }] };
}

/** The level that each cell is taken for; "?" where it is unknown. */
function taken(levels: readonly string[], values: readonly string[]): readonly string[] {
  const X = applyPreprocessing(of(levels), cells(...values));
  return values.map((_, r) => {
    const row = X.values.subarray(r * X.nColumns, (r + 1) * X.nColumns);
    return [...levels, "?"][row.indexOf(1)]!;
  });
}

describe("a level in another letter case", () => {
  test("is the level of training, also beyond ASCII", () => {
    const read = taken(["Nord", "Süd"], ["NORD", " nord", "SÜD", "West"]);
    expect(read).toEqual(["Nord", "Nord", "Süd", "?"]);
  });

  test("is unknown where levels of training differ in letter case alone", () => {
    const read = taken(["A", "a", "B"], ["A", "a", "b"]);
    expect(read).toEqual(["A", "a", "B"]);
    expect(taken(["Ab", "aB"], ["ab"])).toEqual(["?"]);
  });

  test("of a column that was constant is no other value", () => {
    const constant = of(["Yes"], { constant: "one value" });
    expect(describeUnlikeTraining(constant, cells("YES"))).toEqual([]);
    expect(describeUnlikeTraining(constant, cells("No"))).toHaveLength(1);
  });
});

test("a level with a space that does not break is known by the plain one, and in turn", () => {
  expect(taken(["New\u00a0York"], ["New York", "New\u00a0York"])).toEqual([
    "New\u00a0York",
    "New\u00a0York",
  ]);
  expect(taken(["New York"], ["New\u00a0York", "\u200bNew York"])).toEqual([
    "New York",
    "New York",
  ]);
});

describe("another word for yes or no", () => {
  test("is the level of training where its two levels are a yes and a no", () => {
    const read = taken(["No", "Yes"], ["true", "FALSE", "y", "0", "1.0", "off", "maybe"]);
    expect(read).toEqual(["Yes", "No", "Yes", "No", "Yes", "No", "?"]);
    expect(taken(["false", "true"], ["Yes", "nein"])).toEqual(["true", "false"]);
  });

  test("is unknown where there is a third level, or only one", () => {
    expect(taken(["No", "Yes", "Maybe"], ["true", "no"])).toEqual(["?", "No"]);
    expect(taken(["Yes"], ["true"])).toEqual(["?"]);
    expect(taken(["Yes", "On"], ["true"])).toEqual(["?"]);
  });
});

test("a note says which cells were taken for which levels", () => {
  const learnt = of(["No", "Yes"]);
  expect(describeUnlikeTraining(learnt, cells("YES", "no", "true", "Yes"))).toEqual([
    'column "c": 3 cells spell their levels otherwise than training did: ' +
      '"YES" is "Yes", "no" is "No", "true" is "Yes"',
  ]);
  expect(describeUnlikeTraining(learnt, cells("Yes", "No"))).toEqual([]);
});

test("training levels that differ in letter case alone are told of, and stay apart", () => {
  const few = cells("Yes", "yes", "No", "no", "Maybe", null, "YES");
  expect(describeOddities(few)).toEqual([
    'column "c" has levels that differ in letter case alone, "Yes" and "yes" and "YES" ' +
      "(1 more such); each is a level of its own",
  ]);
  expect(describeOddities(cells("a", "b", "a", "b"))).toEqual([]);
});
