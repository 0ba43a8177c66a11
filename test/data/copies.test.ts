/**
 * Goal: copies of a row are kept on one side of a split; rows that are equal by chance are no copies.
 * Method: tables whose rows are repeated, by hand and at random, and tables of few values.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holdOut, keepCopiesTogether, type Table } from "../../src/data/index.ts";
import { createRng } from "../../src/shared/rng.ts";

interface Drawn {
  readonly features: Table;
  readonly y: Float64Array;
  readonly groups: readonly string[] | null;
}

/** Rows of the given numbers: the last is the target. */
function tableOf(
  rows: readonly (readonly number[])[],
  groups: readonly string[] | null = null,
): Drawn {
  const nFeatures = rows[0]!.length - 1;
  const columns = Array.from({ length: nFeatures }, (_, j) => ({
    type: "number" as const,
    name: `x${j}`,
    values: Float64Array.from(rows, (row) => row[j]!),
  }));
  const y = Float64Array.from(rows, (row) => row[nFeatures]!);
  return { features: { nRows: rows.length, columns }, y, groups };
}

function drawRows(nRows: number, draw: () => readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: nRows }, draw);
}

const rng = createRng(1);
const smooth = drawRows(60, () => [rng.normal(), rng.normal()]);
const coin = (): number => rng.int(2);

describe("copies", () => {
  test.each([2, 6, 20])("of 60 rows, %i times each, are one group a row", (times) => {
    const { groups, nCopies } = keepCopiesTogether(tableOf(Array(times).fill(smooth).flat()));
    expect(nCopies).toBe(60 * (times - 1));
    expect(new Set(groups).size).toBe(60);
    groups!.forEach((group, r) => {
      expect(group).toBe(groups![r % 60]);
    });
  });

  test("are counted if two rows of many are equal", () => {
    const { groups, firsts, nCopies } = keepCopiesTogether(tableOf([...smooth, smooth[3]!]));
    expect(nCopies).toBe(1);
    expect([...firsts]).toEqual([...smooth.keys(), 3]);
    expect(groups![60]).toBe(groups![3]);
    expect(new Set(groups).size).toBe(60);
  });

  test("are equal in missing cells and in levels too", () => {
    const rows = smooth.map(([x, y], i) => [i % 3 === 0 ? Number.NaN : x!, y!]);
    expect(keepCopiesTogether(tableOf([...rows, ...rows])).nCopies).toBe(60);
    const { y } = tableOf([...smooth, ...smooth]);
    const values = Array.from({ length: 120 }, (_, i) => (i % 60 < 20 ? null : `level ${i % 60}`));
    const features: Table = { nRows: 120, columns: [{ type: "category", name: "c", values }] };
    expect(keepCopiesTogether({ features, y, groups: null }).nCopies).toBe(60);
  });

  test("join the groups that they lie in, and no others", () => {
    const names = smooth.map((_, i) => `g${Math.floor(i / 10)}`);
    const rows = [...smooth, smooth[0]!, smooth[25]!];
    const { groups } = keepCopiesTogether(tableOf(rows, [...names, "g5", "g2"]));
    expect(groups![0]).toBe(groups![55]);
    expect(new Set(groups).size).toBe(5);
    expect(groups![25]).not.toBe(groups![0]);
  });

  test("are looked for among the rows asked for", () => {
    const table = tableOf([...smooth, ...smooth]);
    expect(
      keepCopiesTogether(
        table,
        Int32Array.from({ length: 60 }, (_, i) => i),
      ),
    ).toMatchObject({
      groups: null,
      nCopies: 0,
    });
  });

  test("never lie on both sides of a hold-out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const { groups } = keepCopiesTogether(tableOf([...smooth, ...smooth, ...smooth]));
        const { train, test: held } = holdOut(180, { testFraction: 0.2, seed, groups });
        const trained = new Set(Array.from(train, (i) => i % 60));
        expect([...held].some((i) => trained.has(i % 60))).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

describe("no copies", () => {
  test.each<readonly [string, readonly (readonly number[])[]]>([
    ["different rows", smooth],
    [
      "rows that differ in the target alone",
      [...smooth, ...smooth.map(([x]) => [x!, rng.normal()])],
    ],
    ["few levels and a target of few values", drawRows(1000, () => [coin(), coin(), rng.int(5)])],
    [
      "a target that few levels decide but for noise of whole numbers",
      drawRows(1000, () => {
        const [a, b] = [rng.int(10), rng.int(10)];
        return [a, b, a + b + rng.int(3)];
      }),
    ],
    ["one row again and again", Array(200).fill([1, 2, 3])],
    [
      "two rows again and again",
      Array(100)
        .fill([
          [0, 0],
          [1, 1],
        ])
        .flat(),
    ],
  ])("are %s", (_name, rows) => {
    expect(keepCopiesTogether(tableOf(rows))).toMatchObject({ groups: null, nCopies: 0 });
  });

  test("leave the groups that were given", () => {
    const groups = smooth.map((_, i) => String(i % 7));
    expect(keepCopiesTogether(tableOf(smooth, groups))).toMatchObject({ groups, nCopies: 0 });
  });
});
