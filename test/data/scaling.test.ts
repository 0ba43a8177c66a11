/**
 * Goal: a few values far outside do not set a column's scale, and codes count as missing.
 * Method: columns with each kind of damage beside the same column without it; the bits of a column
 * without damage against mean and deviation; real columns that must not be taken for damaged.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  createRowPreprocessing,
  describeOddities,
  fitPreprocessing,
  type NumberFeature,
  type Preprocessing,
  selectTarget,
  type Table,
} from "../../src/data/index.ts";
import { createRng } from "../../src/shared/rng.ts";

const N = 500;

function tableOf(values: Float64Array): Table {
  return { nRows: values.length, columns: [{ type: "number", name: "x", values }] };
}

function learn(values: Float64Array): Preprocessing {
  const rows = Int32Array.from(values.keys());
  return fitPreprocessing(tableOf(values), Float64Array.from(rows), rows, "t");
}

function featureOf(values: Float64Array): NumberFeature {
  return learn(values).features[0] as NumberFeature;
}

function normal(seed = 1, n = N): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: n }, () => rng.normal());
}

/** The same with a value in place of the first rows. */
function withValue(values: Float64Array, value: number, nRows: number): Float64Array {
  return values.map((old, i) => (i < nRows ? value : old));
}

describe("one wild cell", () => {
  test.each([1e12, -1e12, 1e300, 1e4, 1e-300])("%d leaves the others their scale", (wild) => {
    const values = withValue(normal(), wild, 1);
    const { mean, scale, codes, median } = featureOf(values);
    expect(Math.abs(mean)).toBeLessThan(0.2);
    expect(Math.abs(scale - 1)).toBeLessThan(0.1);
    expect(Math.abs(median)).toBeLessThan(0.2);
    expect(codes).toBeUndefined();
    const X = applyPreprocessing(learn(values), tableOf(values)).values;
    expect(new Set(X).size).toBe(N);
    expect(Math.max(...X.map(Math.abs))).toBeLessThanOrEqual(12);
  });

  test("and several, of both signs and all sizes, keep their order", () => {
    const values = normal().map((value, i) =>
      i < 8 ? (i % 2 === 0 ? 1 : -1) * 10 ** (i + 3) : value,
    );
    const X = applyPreprocessing(learn(values), tableOf(values)).values;
    const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    for (let r = 1; r < N; r++) expect(X[order[r]!]!).toBeGreaterThanOrEqual(X[order[r - 1]!]!);
    expect(describeOddities(tableOf(values))).toEqual([
      'column "x" has 8 values far outside the others, -10000000000 for example; the others set its scale',
    ]);
  });

  test("in the target is reported", () => {
    const y = withValue(normal(), 1e12, 1);
    expect(describeOddities(tableOf(normal(2)), { targetName: "t", y })).toEqual([
      'target "t" has 1 value far outside the others, 1000000000000 for example; check them',
    ]);
  });
});

describe("a code", () => {
  test.each([
    [-9999, 20],
    [-9999, 3],
    [9999, 200],
    [-99, 50],
    [1e20, 5],
    [9.969209968386869e36, 30],
  ])("%d in %i rows counts as missing", (code, nRows) => {
    const values = withValue(normal(), code, nRows);
    const blank = withValue(normal(), Number.NaN, nRows);
    const { codes, ...feature } = featureOf(values);
    expect(codes).toEqual([code]);
    expect(feature).toEqual(featureOf(blank));
    const [coded, missing] = [values, blank].map((v) =>
      applyPreprocessing(learn(values), tableOf(v)),
    );
    expect(coded).toEqual(missing);
    expect(describeOddities(tableOf(values))).toEqual([
      `column "x" holds ${code} in ${nRows} rows, far from all other values: it counts as missing`,
    ]);
  });

  test("in a row or two of several columns counts as missing, a wild cell does not", () => {
    const columnsOf = (...cells: readonly (readonly [number, number])[]): Table => ({
      nRows: N,
      columns: cells.map(([code, nRows], j) => {
        return { type: "number", name: `x${j}`, values: withValue(normal(j), code, nRows) };
      }),
    });
    const codesIn = (table: Table) => {
      const rows = Int32Array.from({ length: N }, (_, i) => i);
      const { features } = fitPreprocessing(table, Float64Array.from(rows), rows, "t");
      return features.map((feature) => (feature as NumberFeature).codes ?? []);
    };
    const few = columnsOf([-999, 1], [-999, 2], [1e6, 1]);
    expect(codesIn(few)).toEqual([[-999], [-999], []]);
    expect(describeOddities(few)[0]).toBe(
      'column "x0" holds -999 in 1 row, far from all other values: it counts as missing',
    );
    expect(codesIn(columnsOf([-999, 1], [-999, 1], [0, 0]))).toEqual([[], [], []]);
    expect(codesIn(columnsOf([-999, 1], [-998, 1], [-997, 1]))).toEqual([[], [], []]);
  });

  test("of each side, several of one side, and beside a wild cell, are all seen", () => {
    const both = normal().map((value, i) => (i < 20 ? -9999 : i < 40 ? 9999 : value));
    expect(featureOf(both).codes).toEqual([-9999, 9999]);
    const two = normal().map((value, i) => (i < 20 ? -9999 : i < 40 ? -9998 : value));
    expect(featureOf(two).codes).toEqual([-9999, -9998]);
    const wild = withValue(both, 1e12, 1);
    expect(featureOf(wild).codes).toEqual([-9999, 9999]);
  });

  test("is one row's as it is a table's", () => {
    const preprocessing = learn(withValue(normal(), -9999, 20));
    const { nColumns, write } = createRowPreprocessing(preprocessing);
    const out = new Float32Array(nColumns);
    write([-9999], out);
    expect(out).toEqual(applyPreprocessing(preprocessing, tableOf(Float64Array.of(-9999))).values);
    expect(out[1]).toBe(1);
  });

  test.each<[string, (i: number) => number]>([
    ["a scale of whole numbers", (i) => [0, 1, 2, 3, 10, 20][i % 6]!],
    ["a flag", (i) => (i % 50 === 0 ? 1 : 0)],
    ["zeros beside amounts", (i) => (i % 2 === 0 ? 0 : 5 + (i % 97))],
    ["a count with a long tail", (i) => Math.round(1.02 ** i)],
    ["a value that is the same for all", () => 7],
    ["two modes", (i) => (i % 5 === 0 ? 100 : 0) + (i % 31) / 31],
  ])("is not seen in %s", (_name, cellOf) => {
    expect(featureOf(Float64Array.from({ length: N }, (_, i) => cellOf(i))).codes).toBeUndefined();
  });
});

describe("an ordinary column", () => {
  test("has the mean and the deviation of all its values, to the bit", () => {
    const { mean, scale, ...rest } = featureOf(normal());
    const values = normal();
    const expected = values.reduce((sum, value) => sum + value, 0) / N;
    expect(mean).toBe(expected);
    expect(scale).toBe(Math.sqrt(values.reduce((sum, v) => sum + (v - expected) ** 2, 0) / N));
    expect(Object.keys(rest).sort()).toEqual(["indicator", "median", "name", "type"]);
  });

  test("of any numbers has a finite scale, and rows within bounds", () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), (list) => {
        const values = Float64Array.from(list);
        const { mean, scale, median } = featureOf(values);
        for (const value of [mean, scale, median]) expect(Number.isFinite(value)).toBe(true);
        const X = applyPreprocessing(learn(values), tableOf(values)).values;
        for (const value of X) expect(Math.abs(value)).toBeLessThanOrEqual(12);
      }),
    );
  });
});

describe("targets", () => {
  const table = (unit: number): Table => ({
    nRows: 20,
    columns: [
      { type: "number", name: "x", values: Float64Array.from({ length: 20 }, (_, i) => i) },
      { type: "number", name: "t", values: Float64Array.from({ length: 20 }, (_, i) => i * unit) },
    ],
  });

  test.each([1e70, 1e150, -1e300])("of %d are refused before training, with the limit", (unit) => {
    expect(() => selectTarget(table(unit), "t")).toThrow(
      expect.objectContaining({ code: "VALUE_NOT_FINITE" }),
    );
    expect(() => selectTarget(table(unit), "t")).toThrow('target "t" must stay within ±1e+70');
  });

  test.each([1e-170, 1e-300, 1e60])("of %d are scaled as ordinary ones", (unit) => {
    const { features, y } = selectTarget(table(unit), "t");
    const rows = Int32Array.from(y.keys());
    const { target } = fitPreprocessing(features, y, rows, "t");
    const ordinary = fitPreprocessing(features, Float64Array.from(rows), rows, "t").target;
    expect(target.scale / unit).toBeCloseTo(ordinary.scale, 9);
    expect(target.mean / unit).toBeCloseTo(ordinary.mean, 9);
  });
});
