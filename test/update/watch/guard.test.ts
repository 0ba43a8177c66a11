/**
 * Goal: a batch is refused where its columns are not what they were, and the training rows never.
 * Method: columns of many shapes are fitted and shown again, whole, in parts and in other units;
 * targets that stand still; categories in another spelling.
 */
import { describe, expect, test } from "vitest";
import { fitPreprocessing, type Table } from "../../../src/data/index.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { oddColumns } from "../../../src/update/watch/guard.ts";

const N = 600;
const rng = createRng(4);
const draw = (value: () => number): Float64Array => Float64Array.from({ length: N }, value);
const SHAPES: Readonly<Record<string, Float64Array>> = {
  normal: draw(() => 20 + 3 * rng.normal()),
  centred: draw(() => rng.normal()),
  "heavy-tailed": draw(() => Math.exp(3 * rng.normal())),
  "very heavy-tailed": draw(() => Math.exp(6 * rng.normal())),
  "mostly zero": draw(() => (rng.uniform() < 0.8 ? 0 : 1e4 * rng.uniform())),
  "one wild cell": draw(() => rng.normal()).with(7, 1e12),
  constant: draw(() => 7),
  "with gaps": draw(() => (rng.uniform() < 0.5 ? Number.NaN : 5 + rng.normal())),
};
const REGIONS = Array.from({ length: N }, (_, i) => ["north", "south", "east"][i % 3]!);

function tableOf(values: Float64Array, regions: readonly (string | null)[] = REGIONS): Table {
  const columns = [
    { type: "number" as const, name: "x", values },
    { type: "category" as const, name: "region", values: regions.slice(0, values.length) },
  ];
  return { nRows: values.length, columns };
}

const Y = draw(() => 10 + rng.normal());
const ALL = Int32Array.from({ length: N }, (_, i) => i);
const fitted = (values: Float64Array, y = Y) => fitPreprocessing(tableOf(values), y, ALL, "y");

describe.each(Object.entries(SHAPES))("a column that is %s", (_name, values) => {
  test("is not odd in the training rows, whole or in parts", () => {
    const preprocessing = fitted(values);
    expect(oddColumns(preprocessing, tableOf(values), Y)).toEqual([]);
    for (let from = 0; from < N; from += 20) {
      const part = values.slice(from, from + 20);
      expect(oddColumns(preprocessing, tableOf(part), Y.slice(from, from + 20))).toEqual([]);
    }
  });

  test("is no odder as the target", () => {
    const preprocessing = fitted(
      SHAPES["normal"]!,
      values.map((value) => value || 0),
    );
    const y = values.map((value) => value || 0);
    expect(oddColumns(preprocessing, tableOf(SHAPES["normal"]!), y)).toEqual([]);
  });
});

test.each(["normal", "centred", "heavy-tailed", "with gaps"])(
  "a %s column in units a thousand times as large or as small is named",
  (name) => {
    const values = SHAPES[name]!;
    for (const factor of [1000, 1 / 1000]) {
      const other = values.map((value) => factor * value);
      const odd = oddColumns(fitted(values), tableOf(other), Y);
      expect(odd).toHaveLength(1);
      expect(odd[0]).toMatch(/^column "x": values are about .* times as large .* check its units$/);
    }
  },
);

test("weeks of rain are not odd where nearly all training rows were dry", () => {
  const dry = draw(() => (rng.uniform() < 0.95 ? 0 : rng.uniform()));
  const rain = draw(() => (rng.uniform() < 0.3 ? 0 : 20 * rng.uniform()));
  for (const [nRows, column] of [
    [100, rain],
    [N, rain],
    [N, rain.map((value) => value + 0.1)],
  ] as const) {
    const table = tableOf(column.slice(0, nRows));
    expect(oddColumns(fitted(dry), table, Y.slice(0, nRows))).toEqual([]);
    const asTarget = fitted(SHAPES["normal"]!, dry);
    const others = tableOf(SHAPES["normal"]!.slice(0, nRows));
    expect(oddColumns(asTarget, others, column.slice(0, nRows))).toEqual([]);
  }
});

describe("a target that stands still", () => {
  const still = (nEqual: number): Float64Array => Y.map((y, i) => (i < nEqual ? 9.5 : y));

  test("is named, for all rows or for most", () => {
    for (const nEqual of [N, 400]) {
      const odd = oddColumns(fitted(SHAPES["normal"]!), tableOf(SHAPES["normal"]!), still(nEqual));
      expect(odd).toHaveLength(1);
      expect(odd[0]).toMatch(/^target "y": \d+ of 600 rows hold the value 9.5/);
    }
  });

  test("is nothing new where training rows often held that value", () => {
    const often = Y.map((y, i) => (i % 3 === 0 ? 0 : y));
    const preprocessing = fitted(SHAPES["normal"]!, often);
    const night = new Float64Array(100);
    expect(oddColumns(preprocessing, tableOf(SHAPES["normal"]!.slice(0, 100)), night)).toEqual([]);
    expect(oddColumns(preprocessing, tableOf(SHAPES["normal"]!), still(N))).toHaveLength(1);
  });

  test("of two rows says nothing", () => {
    const two = tableOf(SHAPES["normal"]!.slice(0, 2));
    expect(oddColumns(fitted(SHAPES["normal"]!), two, Float64Array.of(3, 3))).toEqual([]);
  });

  test("is named by a bundle that keeps no statistics", () => {
    const { statistics: _, ...earlier } = fitted(SHAPES["normal"]!);
    expect(oddColumns(earlier, tableOf(SHAPES["normal"]!), still(N))).toHaveLength(1);
    expect(oddColumns(earlier, tableOf(SHAPES["normal"]!), Y)).toEqual([]);
  });
});

test("a column of which most cells hold unknown levels is named; a few are no matter", () => {
  const preprocessing = fitted(SHAPES["normal"]!);
  const others = REGIONS.map((region) => `${region}ern`);
  const odd = oddColumns(preprocessing, tableOf(SHAPES["normal"]!, others), Y);
  expect(odd).toEqual([
    'column "region": 600 of 600 cells hold levels that training rows did not have, ' +
      'for example "northern"; check its spelling',
  ]);
  const few = REGIONS.map((region, i) => (i % 4 === 0 ? "west" : region));
  expect(oddColumns(preprocessing, tableOf(SHAPES["normal"]!, few), Y)).toEqual([]);
});
