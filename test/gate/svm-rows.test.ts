/**
 * Goal: rows are divided and thinned without losing a regime, its share, or the limit.
 * Method: one worked example each, and properties over random sizes.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { splitRegimes, stratify } from "../../src/gate/svm-rows.ts";

const range = (n: number): number[] => [...Array(n).keys()];

test("every row is trained on or held out, in its own regime, and of two rows one is each", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 }), (list) => {
      const labels = Int32Array.from(list);
      const regimes = splitRegimes(labels, 5, 1);
      const all = regimes.flatMap(({ train, held }) => [...train, ...held]);
      expect(all.sort((a, b) => a - b)).toEqual(range(list.length));
      for (const [regime, { train, held }] of regimes.entries()) {
        expect([...train, ...held].every((i) => labels[i] === regime)).toBe(true);
        const size = train.length + held.length;
        if (size >= 2) expect(Math.min(train.length, held.length)).toBeGreaterThanOrEqual(1);
        if (size === 1) expect(train).toEqual([]);
      }
    }),
  );
});

test("10 of 30 and 70 rows are 3 and 7", () => {
  expect(stratify([range(30), range(70)], 10)).toEqual([range(3), range(7)]);
});

test("a limit holds, at least one row of a list stays, and no limit changes nothing", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 10, max: 100 }), (lengths, limit) => {
      const lists = lengths.map(range);
      const thin = stratify(lists, limit);
      const total = lengths.reduce((sum, length) => sum + length, 0);
      if (total <= limit) expect(thin).toBe(lists);
      // Each list that would round to none may add its one row.
      const kept = thin.reduce((sum, rows) => sum + rows.length, 0);
      expect(kept).toBeLessThanOrEqual(Math.max(limit + lists.length - 1, 0));
      for (const [at, rows] of thin.entries()) {
        expect(rows).toEqual(range(rows.length));
        expect(rows.length > 0).toBe(lengths[at]! > 0);
      }
    }),
  );
});
