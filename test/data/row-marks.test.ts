/**
 * Goal: rows that a model was trained on are recognised in any order and number, and no others.
 * Method: rows of a generator, marked and compared.
 */
import { describe, expect, test } from "vitest";
import {
  fitPreprocessing,
  generate,
  joinMarks,
  MAX_MARKS,
  markRows,
  type SelectedTarget,
  selectTarget,
  shareMarked,
  takeTableRows,
} from "../../src/data/index.ts";

function draw(nRows: number, seed: number): SelectedTarget {
  return selectTarget(generate("curve", { nRows, seed }).table, "y", { minRows: 1 });
}

function take({ features, y }: SelectedTarget, rows: readonly number[]) {
  return { features: takeTableRows(features, rows), y: Float64Array.from(rows, (i) => y[i]!) };
}

const seen = draw(2000, 1);
const unseen = draw(2000, 2);
const preprocessing = fitPreprocessing(
  seen.features,
  seen.y,
  Int32Array.from(seen.y.keys()),
  seen.targetName,
);
const marks = markRows(preprocessing, seen);
const share = (table: Parameters<typeof shareMarked>[2]) =>
  shareMarked(marks, preprocessing, table);

describe("marks of rows", () => {
  test("tell all rows that were marked, in any order, and no other", () => {
    expect(marks).toHaveLength(8 * MAX_MARKS);
    expect(share(seen)).toBe(1);
    expect(share(take(seen, [...seen.y.keys()].reverse().slice(0, 700)))).toBe(1);
    expect(share(unseen)).toBe(0);
  });

  test("estimate the share in a mixture of both", () => {
    const rows = [...seen.y.keys()].slice(0, 1000);
    const [one, other] = [take(seen, rows), take(unseen, rows)];
    const columns = one.features.columns.map((column, c) => ({
      ...column,
      type: "number" as const,
      values: Float64Array.from(
        [column, other.features.columns[c]!].flatMap(({ values }) => [...values].map(Number)),
      ),
    }));
    const y = Float64Array.from([...one.y, ...other.y]);
    expect(share({ features: { nRows: 2000, columns }, y })).toBeCloseTo(0.5, 1);
  });

  test("tell a row with another target from the one that was marked", () => {
    expect(share({ ...seen, y: seen.y.map((value) => value + 1) })).toBe(0);
  });

  test("of few rows are exact, and say so of a single row", () => {
    const few = take(seen, [0, 1, 2]);
    const ofFew = markRows(preprocessing, few);
    expect(shareMarked(ofFew, preprocessing, take(seen, [2]))).toBe(1);
    expect(shareMarked(ofFew, preprocessing, take(seen, [2, 3]))).toBe(0.5);
  });

  test("are joined by the lowest of both", () => {
    const [one, two] = [take(seen, [0, 1]), take(seen, [1, 2])];
    const joined = joinMarks(markRows(preprocessing, one), markRows(preprocessing, two));
    expect(joined).toBe(markRows(preprocessing, take(seen, [2, 1, 0])));
  });
});
