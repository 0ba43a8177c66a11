/**
 * Goal: `log` is the natural logarithm to less than 1 ulp, with the bits of the engine that models
 * were trained in.
 * Method: against mpmath, and against Math.log of this Node, which is fdlibm's too.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { log } from "../../src/shared/log.ts";
import { readExact, ulpsFrom } from "./ulp.ts";

test("is within one unit in the last place of mpmath's 300 bits", () => {
  const rows = readExact("log.json", "values");
  expect(rows.length).toBeGreaterThan(200);
  for (const [x, high, low] of rows) {
    expect(ulpsFrom(log(x), high, low), `log(${x})`).toBeLessThan(1);
  }
});

test("has the bits of V8, with which earlier models were fitted", () => {
  const positive = fc.double({ min: 0, noNaN: true });
  const nearOne = fc.double({ min: 0.999, max: 1.001, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(positive, nearOne), (x) => log(x) === Math.log(x)),
    { numRuns: 20_000 },
  );
});

test.each([
  [0, Number.NEGATIVE_INFINITY],
  [-0, Number.NEGATIVE_INFINITY],
  [-1, Number.NaN],
  [Number.NaN, Number.NaN],
  [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
])("of %d is %d", (x, expected) => {
  expect(log(x)).toBe(expected);
});
