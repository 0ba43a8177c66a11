/**
 * Goal: thresholds have few digits and never change which rows are on which side.
 * Method: worked examples, and any two numbers.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { roundBetween, sampleOf } from "../../src/explain/numbers.ts";

test.each([
  [-1, 1, 0],
  [0.49, 0.52, 0.5],
  [10, 90, 50],
  [0.9, 11, 6],
  [-0.0003, 0.0005, 0],
  [1234.4, 1234.6, 1234.5],
  [-71.3, -70.9, -71],
  [0, 5e-324, 5e-324],
])("between %s and %s it is %s", (below, above, threshold) => {
  expect(roundBetween(below, above)).toBe(threshold);
});

test("a threshold lies above one value and not above the other, for all values", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(number, number, (a, b) => {
      fc.pre(a !== b);
      const [below, above] = a < b ? [a, b] : [b, a];
      const threshold = roundBetween(below, above);
      expect(threshold > below && threshold <= above).toBe(true);
    }),
  );
});

test("a sample is the same each time, in order, without repeats and without a pattern", () => {
  const items = Int32Array.from({ length: 1000 }, (_, i) => 10 * i);
  const sample = sampleOf(items, 100);
  expect(sampleOf(items, 100)).toEqual(sample);
  expect([...new Set(sample)].sort((a, b) => a - b)).toEqual([...sample]);
  expect(sample).toHaveLength(100);
  const odd = sample.filter((item) => item % 20 === 10).length;
  expect(Math.abs(odd - 50)).toBeLessThan(20);
  expect(sampleOf(items, 1000)).toEqual(items);
});
