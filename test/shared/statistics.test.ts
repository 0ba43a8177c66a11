import fc from "fast-check";
import { expect, test } from "vitest";
import { correlation, median } from "../../src/shared/statistics.ts";

test("the median is the middle value, and the mean of the two middle ones of an even number", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median(Float64Array.of(4, 1, 3, 2))).toBe(2.5);
  expect(median([-1, 10, 9])).toBe(9);
});

test("the median of no values is NaN", () => {
  expect(median([])).toBeNaN();
});

test("half of the values are at most the median, half at least, and the input is not modified", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1 }), (values) => {
      const before = [...values];
      const middle = median(values);
      expect(values).toEqual(before);
      expect(values.filter((value) => value <= middle).length * 2).toBeGreaterThanOrEqual(
        values.length,
      );
      expect(values.filter((value) => value >= middle).length * 2).toBeGreaterThanOrEqual(
        values.length,
      );
    }),
  );
});

test("correlation is Pearson's, as scipy's pearsonr, and 0 where one side does not vary", () => {
  expect(correlation([1, 2, 3, 4], [1, 3, 2, 5])).toBeCloseTo(0.8315218406202999, 14);
  expect(correlation([1, 2, 3, 4], [7, 7, 7, 7])).toBe(0);
});
