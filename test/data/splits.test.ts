/** Goal: splits divide rows as they say. Method: properties over sizes, folds, groups and seeds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { groupedKFold, holdOut, kFold, parseSplits, type Split } from "../../src/data/index.ts";

const seed = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

function isPartition({ train, test: held }: Split, nRows: number): boolean {
  const all = [...train, ...held].sort((a, b) => a - b);
  return all.length === nRows && all.every((row, i) => row === i);
}

describe("splits", () => {
  test("k-fold tests every row once, in folds of nearly equal size", () => {
    const sizes = fc.tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 10 }), seed);
    fc.assert(
      fc.property(sizes, ([nRows, folds, own]) => {
        fc.pre(nRows >= folds);
        const splits = kFold(nRows, { folds, seed: own });
        expect(splits.every((split) => isPartition(split, nRows))).toBe(true);
        expect(splits.flatMap((split) => [...split.test]).sort((a, b) => a - b)).toEqual(
          Array.from({ length: nRows }, (_, i) => i),
        );
        const counts = splits.map((split) => split.test.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(kFold(nRows, { folds, seed: own })).toEqual(splits);
      }),
    );
  });

  test("a hold-out has rows on both sides and the share asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), seed, (nRows, own) => {
        const split = holdOut(nRows, { testFraction: 0.2, seed: own });
        expect(isPartition(split, nRows)).toBe(true);
        expect(split.test.length).toBe(Math.max(1, Math.round(0.2 * nRows)));
      }),
    );
  });

  test("no group is on both sides, in hold-outs and folds", () => {
    const groups = fc.array(fc.constantFrom(..."abcdefgh"), { minLength: 20, maxLength: 60 });
    fc.assert(
      fc.property(groups, seed, (names, own) => {
        fc.pre(new Set(names).size >= 3);
        const splits = groupedKFold(names, { folds: 3, seed: own });
        const one = holdOut(names.length, { testFraction: 0.2, seed: own, groups: names });
        for (const split of [...splits, one]) {
          expect(isPartition(split, names.length)).toBe(true);
          const held = new Set([...split.test].map((row) => names[row]));
          expect([...split.train].some((row) => held.has(names[row]))).toBe(false);
        }
      }),
    );
  });

  test("repeated k-fold begins with the plain one and shuffles again", () => {
    const [plain, twice] = [1, 2].map((repeats) => kFold(9, { folds: 3, seed: 4, repeats }));
    expect(twice!.slice(0, 3)).toEqual(plain);
    expect(twice).toHaveLength(6);
    expect(twice!.slice(3)).not.toEqual(plain);
  });

  test("a hold-out by group follows the seed and the share, for every largest group", () => {
    const names = Array.from({ length: 100 }, (_, i) => (i < 40 ? "large" : `small ${i % 20}`));
    const held = Array.from({ length: 20 }, (_, own) =>
      holdOut(100, { testFraction: 0.2, seed: own, groups: names }),
    );
    for (const { test: rows } of held) expect(Math.abs(rows.length - 20)).toBeLessThanOrEqual(20);
    const withLarge = held.filter(({ test: rows }) => rows.includes(0));
    expect(withLarge.length).toBeLessThan(10);
    expect(new Set(held.map(({ test: rows }) => rows.join())).size).toBeGreaterThan(10);
  });

  test("published splits name test rows, a line a split", () => {
    const splits = parseSplits("0 2\n1 3 4\n\n", 5);
    expect(splits.map((split) => [...split.test])).toEqual([
      [0, 2],
      [1, 3, 4],
    ]);
    expect([...splits[0]!.train]).toEqual([1, 3, 4]);
  });

  test("fewer rows or groups than folds, and lines that name no rows, are refused", () => {
    const code = "TOO_FEW_ROWS";
    const folds = { folds: 5, seed: 1 };
    expect(() => kFold(4, folds)).toThrow(expect.objectContaining({ code }));
    expect(() => groupedKFold(["a", "b"], folds)).toThrow(expect.objectContaining({ code }));
    expect(() => holdOut(1, { testFraction: 0.5, seed: 1 })).toThrow(
      expect.objectContaining({ code }),
    );
    const one = { testFraction: 0.5, seed: 1, groups: ["a", "a"] };
    expect(() => holdOut(2, one)).toThrow(expect.objectContaining({ code }));
    expect(() => holdOut(9, { testFraction: 1, seed: 1 })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
    for (const text of ["0 9\n", "0 x\n", "0 1 2 3 4\n", "\n"]) {
      expect(() => parseSplits(text, 5)).toThrow(
        expect.objectContaining({ code: "DATA_MALFORMED" }),
      );
    }
  });
});
