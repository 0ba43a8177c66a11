import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { exp } from "../../src/shared/exp.ts";
import { ulp } from "./ulp.ts";

const reference = z
  .object({ pairs: z.array(z.tuple([z.number(), z.number()])) })
  .parse(JSON.parse(readFileSync(new URL("exp.json", import.meta.url), "utf8")));

describe("exp", () => {
  it("is within one unit in the last place of mpmath's 200 bits", () => {
    for (const [x, expected] of reference.pairs) {
      expect(Math.abs(exp(x) - expected), `exp(${x})`).toBeLessThanOrEqual(ulp(expected));
    }
  });

  it.each([
    [Number.NEGATIVE_INFINITY, 0],
    [-745.14, 0],
    [709.79, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NaN, Number.NaN],
  ])("of %d is %d", (x, expected) => {
    expect(exp(x)).toBe(expected);
  });
});
