/**
 * Goal: what chance does to a count is what the binomial distribution says.
 * Method: figures of scipy 1.17.1, binom.ppf((1 ± share) / 2, n, p), and betabinom.interval(.99, n,
 * a, b) with a = ceil(.9 (m + 1)), b = m + 1 − a.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialInterval, conformalInterval } from "../../src/metrics/index.ts";

test.each([
  [3, 0.9, 1, 3],
  [7, 0.5, 0, 7],
  [100, 0.9, 82, 97],
  [1000, 0.9, 875, 924],
  [1_000_000, 0.95, 949_438, 950_561],
])("of %i at %f, 99 %% lie where scipy says", (n, p, least, most) => {
  expect(binomialInterval(n, p, 0.99)).toEqual([least, most]);
});

test.each([
  [20, 100, 13, 20],
  [90, 150, 70, 88],
  [500, 900, 427, 470],
  [3000, 400, 2566, 2811],
])(
  "of %i rows, within a width by %i errors, 99 %% lie where scipy's betabinom says",
  (n, m, least, most) => {
    const own = { level: 0.9, nErrors: m, confidence: 0.99 };
    expect(conformalInterval(n, own)).toEqual([least, most]);
  },
);

test("counts lie from 0 to n, about the mean, and further apart for a larger share", () => {
  const levels = fc.double({ noNaN: true, min: 0.001, max: 0.999 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), levels, (n, p) => {
      const [a, b] = [binomialInterval(n, p, 0.9), binomialInterval(n, p, 0.99)];
      expect(b[0]).toBeGreaterThanOrEqual(0);
      expect(b[1]).toBeLessThanOrEqual(n);
      expect(b[0]).toBeLessThanOrEqual(a[0]);
      expect(b[1]).toBeGreaterThanOrEqual(a[1]);
      expect(a[0]).toBeLessThanOrEqual(Math.ceil(n * p));
      expect(a[1]).toBeGreaterThanOrEqual(Math.floor(n * p));
    }),
  );
});
