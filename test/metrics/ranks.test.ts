/**
 * Goal: what compares methods over data sets is what the statistics books define.
 * Method: worked examples, and ranks-scipy.json, which fixture.py made with scipy.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  binomialInterval,
  friedmanRanks,
  midranks,
  nemenyiDifference,
  signedRankTest,
} from "../../src/metrics/index.ts";

interface Fixture {
  readonly signedRank: readonly { differences: number[]; positive: number; p: number }[];
  readonly errors: readonly (readonly number[])[];
  readonly ranks: readonly number[];
  readonly q05: readonly number[];
  readonly binomial: readonly (readonly [number, number, number, number])[];
}

const file = new URL("ranks-scipy.json", import.meta.url);
const scipy: Fixture = JSON.parse(readFileSync(file, "utf8"));

test("equal values share the mean of their places", () => {
  expect(midranks([30, 10, 20, 10])).toEqual([4, 1.5, 3, 1.5]);
  expect(midranks([])).toEqual([]);
});

test("Wilcoxon's test by hand: of 2⁴ signs two are as extreme as all positive", () => {
  expect(signedRankTest([1, 2, 3, 4])).toEqual({ positive: 10, p: 2 / 16, n: 4 });
  expect(signedRankTest([-1, -2, 0, -3, -4])).toEqual({ positive: 0, p: 2 / 16, n: 4 });
  expect(signedRankTest([0, 0])).toEqual({ positive: 0, p: 1, n: 0 });
});

test.each(scipy.signedRank)("Wilcoxon's test of $differences is scipy's", (known) => {
  const { positive, p } = signedRankTest(known.differences);
  expect(positive).toBe(known.positive);
  expect(p).toBeCloseTo(known.p, 12);
});

test("Wilcoxon's p is the same for both sides and never above 1", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 30 }), (differences) => {
      const { p } = signedRankTest(differences);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(signedRankTest(differences.map((d) => -d)).p).toBeCloseTo(p, 12);
    }),
  );
});

test("mean ranks are scipy's, and one method alone is first", () => {
  friedmanRanks(scipy.errors).forEach((rank, k) => {
    expect(rank).toBeCloseTo(scipy.ranks[k]!, 12);
  });
  expect(friedmanRanks([[3], [5]])).toEqual([1]);
  expect(() => friedmanRanks([])).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
});

test("Nemenyi's difference is scipy's studentized range, and none without a constant", () => {
  scipy.q05.forEach((q, place) => {
    const k = place + 2;
    expect(nemenyiDifference(k, 20)).toBeCloseTo(q * Math.sqrt((k * (k + 1)) / 120), 5);
  });
  expect(nemenyiDifference(1, 20)).toBeNull();
  expect(nemenyiDifference(21, 20)).toBeNull();
});

test.each(scipy.binomial)("of %i tries at %f scipy expects %i to %i", (n, share, low, high) => {
  expect(binomialInterval(n, share, 0.99)).toEqual([low, high]);
});
