/**
 * Goal: preprocessing learns from training rows alone and means the same ever after.
 * Method: figures of scikit-learn 1.9.1 (StandardScaler after numpy's nanmedian on rows 0–4):
 *   a = [3, nan, 1, 8, 4.5, nan, 2.25]; f = where(isnan(a), nanmedian(a[:5]), a)
 *   StandardScaler().fit(f[:5]).transform(f)
 * then properties, then each documented error once.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  describeOddities,
  fitPreprocessing,
  matrixColumns,
  type Preprocessing,
  scaleTarget,
  schemaTypes,
  type Table,
  tableFromColumns,
  tableFromRecords,
  unscaleTarget,
} from "../../src/data/index.ts";
import { rowOf } from "../../src/shared/matrix.ts";

const NAN = Number.NaN;
const TRAIN = Int32Array.of(0, 1, 2, 3, 4);
const Y = Float64Array.of(1, 2, 3, 4, 5, 100, -100);
const TABLE: Table = {
  nRows: 7,
  columns: [
    { type: "number", name: "a", values: Float64Array.of(3, NAN, 1, 8, 4.5, NAN, 2.25) },
    { type: "number", name: "flat", values: new Float64Array(7).fill(2.5) },
    { type: "category", name: "c", values: ["x", "y", null, "x", "y", "z", "x"] },
  ],
};

const fitted = (): Preprocessing => fitPreprocessing(TABLE, Y, TRAIN, "t");

describe("a fitted preprocessing", () => {
  test("standardises as scikit-learn does, fills in the median and marks what was missing", () => {
    const X = applyPreprocessing(fitted(), TABLE);
    const names = ["a", "a (missing)", "flat", "c=x", "c=y", "c=(unknown)"];
    expect(matrixColumns(fitted())).toEqual(names);
    const expected = [
      -0.4578217562067946, -0.1308062160590841, -1.3298631966006893, 1.722281844777942,
      0.19620932408862637, -0.1308062160590841, -0.784837296354505,
    ];
    expected.forEach((value, i) => {
      expect(rowOf(X, i)[0]).toBeCloseTo(value, 6);
      expect(rowOf(X, i)[1]).toBe(i === 1 || i === 5 ? 1 : 0);
    });
  });

  test("a category without gaps in training leaves an unknown level without a column", () => {
    const rows = Int32Array.of(0, 1, 3, 4);
    const closed = fitPreprocessing(TABLE, Y, rows, "t");
    const X = applyPreprocessing(closed, TABLE);
    expect(matrixColumns(closed).slice(-3)).toEqual(["c=x", "c=y", "c=(unknown)"]);
    expect([...rowOf(X, 0)].slice(-3)).toEqual([1, 0, 0]);
    for (const i of [2, 5]) expect([...rowOf(X, i)].slice(-3)).toEqual([0, 0, 0]);
  });

  test("turns a constant column into zeros and an unknown level into a separate column", () => {
    const X = applyPreprocessing(fitted(), TABLE);
    expect([...rowOf(X, 5)].slice(2)).toEqual([0, 0, 0, 1]);
    expect([...rowOf(X, 2)].slice(3)).toEqual([0, 0, 1]);
    expect([...rowOf(X, 6)].slice(3)).toEqual([1, 0, 0]);
  });

  test("clips far values and takes rows in the order asked for", () => {
    const columns = { a: [1e9, -1e9], flat: [2.5, 2.5], c: ["x", "x"] };
    const X = applyPreprocessing(
      fitted(),
      tableFromColumns(columns, fitted()),
      Int32Array.of(1, 0),
    );
    expect([rowOf(X, 0)[0], rowOf(X, 1)[0]]).toEqual([-6, 6]);
  });

  test("matches columns by name in every order, and ignores extra ones", () => {
    const extra = { type: "number", name: "more", values: new Float64Array(7) } as const;
    const turned: Table = { nRows: 7, columns: [extra, ...[...TABLE.columns].reverse()] };
    expect(applyPreprocessing(fitted(), turned)).toEqual(applyPreprocessing(fitted(), TABLE));
  });

  test("does not depend on rows that are not for training", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), (a, c) => {
        const [numbers, flat, levels] = TABLE.columns;
        const values = Float64Array.from(numbers!.values as Float64Array);
        values[5] = a;
        const changed: Table = {
          nRows: 7,
          columns: [
            { type: "number", name: "a", values },
            flat!,
            { type: "category", name: "c", values: [...levels!.values.slice(0, 6), c] as string[] },
          ],
        };
        const y = Y.slice();
        y[6] = a;
        expect(fitPreprocessing(changed, y, TRAIN, "t")).toEqual(fitted());
      }),
    );
  });

  test("scales the target and back, with a range a tenth wider than it was", () => {
    const { target } = fitted();
    expect(target).toMatchObject({ name: "t", mean: 3, least: 0.6, most: 5.4 });
    expect(target.scale).toBeCloseTo(Math.SQRT2, 12);
    const there = scaleTarget(Y, target);
    expect([...unscaleTarget(there, target)].map(Math.round)).toEqual([...Y]);
  });

  test("refuses a missing column with the nearest name, and text for a number", () => {
    const misnamed: Table = {
      nRows: 1,
      columns: [{ type: "number", name: "flut", values: Float64Array.of(1) }],
    };
    expect(() => applyPreprocessing(fitted(), misnamed)).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
    const text: Table = {
      nRows: 7,
      columns: [{ type: "category", name: "a", values: ["1", "two"] }, ...TABLE.columns.slice(1)],
    };
    expect(() => applyPreprocessing(fitted(), text)).toThrow('column "a" must hold numbers');
    const none: Table = { nRows: 7, columns: [] };
    expect(() => fitPreprocessing(none, Y, TRAIN, "t")).toThrow(
      expect.objectContaining({ code: "COLUMN_MISSING" }),
    );
    expect(() => fitPreprocessing(TABLE, Y, new Int32Array(0), "t")).toThrow(
      expect.objectContaining({ code: "TOO_FEW_ROWS" }),
    );
    const huge = new Float64Array(7).fill(1e308);
    expect(() => fitPreprocessing(TABLE, huge, TRAIN, "t")).toThrow(
      expect.objectContaining({ code: "VALUE_NOT_FINITE" }),
    );
  });
});

describe("rows from a program", () => {
  test("are the rows of a file, with what is left out missing", () => {
    const records = [{ a: 3, flat: 2.5, c: "x" }, { flat: 2.5 }];
    const X = applyPreprocessing(fitted(), tableFromRecords(records, fitted()));
    const same = applyPreprocessing(fitted(), TABLE);
    expect(rowOf(X, 0)).toEqual(rowOf(same, 0));
    expect([...rowOf(X, 1)].slice(1)).toEqual([1, 0, 0, 0, 1]);
  });

  test("must have every column, of one length, and no inherited names", () => {
    const codeOf = (columns: Record<string, readonly unknown[]>, code: string): void => {
      expect(() => tableFromColumns(columns, fitted())).toThrow(expect.objectContaining({ code }));
    };
    codeOf({ a: [1], flat: [1] }, "COLUMN_MISSING");
    codeOf({ a: [1], flat: [1, 2], c: ["x"] }, "SHAPE_MISMATCH");
    codeOf({ a: ["one"], flat: [1], c: ["x"] }, "COLUMN_TYPE");
    codeOf({ a: [Number.POSITIVE_INFINITY], flat: [1], c: ["x"] }, "VALUE_NOT_FINITE");
  });

  test("have their categories read as text, even where they look like numbers", () => {
    expect(schemaTypes(fitted())).toEqual({ a: "number", flat: "number", c: "category" });
    const numeric = { ...fitted(), features: [{ type: "category", name: "c", levels: ["1"] }] };
    const table = tableFromColumns({ c: [1] }, numeric as Preprocessing);
    expect([...applyPreprocessing(numeric as Preprocessing, table).values]).toEqual([1, 0]);
  });
});

test("reports oddities: constant, empty and crowded columns", () => {
  const crowded = Array.from({ length: 60 }, (_, i) => `level ${i}`);
  const table: Table = {
    nRows: 60,
    columns: [
      { type: "number", name: "flat", values: new Float64Array(60) },
      { type: "number", name: "empty", values: new Float64Array(60).fill(NAN) },
      { type: "category", name: "crowd", values: crowded },
    ],
  };
  const said = describeOddities(table).join("\n");
  expect(said).toMatch(/"flat" is constant\n.*"empty" has no values\n.*"crowd" has 60 levels/);
  const rows = Int32Array.from({ length: 60 }, (_, i) => i);
  const { features } = fitPreprocessing(table, new Float64Array(60), rows, "t");
  expect(features[2]).toMatchObject({ levels: { length: 50 } });
});
