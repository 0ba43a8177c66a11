/**
 * Goal: `sin` and `cos` are right to less than 1 ulp within 50 radians, with the bits of the engine
 * that models were trained in, and refuse what they have no digits of π for.
 * Method: against mpmath, near multiples of π/2 too, and against Math.sin of this Node.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cos, sin } from "../../src/shared/sine.ts";
import { readExact, ulpsFrom } from "./ulp.ts";

const FUNCTIONS = [
  ["sin", sin, Math.sin, "sines"],
  ["cos", cos, Math.cos, "cosines"],
] as const;

describe.each(FUNCTIONS)("%s", (name, ours, engines, list) => {
  test("is within one unit in the last place of mpmath's 300 bits", () => {
    const rows = readExact("sine.json", list);
    expect(rows.length).toBeGreaterThan(200);
    for (const [x, high, low] of rows) {
      expect(ulpsFrom(ours(x), high, low), `${name}(${x})`).toBeLessThan(1);
    }
  });

  test("has the bits of V8, with which earlier models were fitted", () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (x) => ours(x) === engines(x)),
      { numRuns: 20_000 },
    );
  });

  test("of NaN is NaN, and more than 50 radians are refused", () => {
    expect(ours(Number.NaN)).toBeNaN();
    expect(() => ours(51)).toThrow(/radians/);
    expect(() => ours(Number.NEGATIVE_INFINITY)).toThrow(/radians/);
  });
});
