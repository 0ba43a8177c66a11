/**
 * Goal: errors and significance are what the statistics books define.
 * Method: figures of scipy 1.17.1 and scikit-learn 1.9.1:
 *   a = [1, 1.2, 0.9, 1.1, 1.05]; b = [1.1, 1.35, 0.95, 1.2, 1]; d = a - b
 *   t = d.mean() / sqrt(d.var(ddof=1) * (1/5 + 0.25)); 2 * stats.t.cdf(-abs(t), 4)
 *   mean_squared_error(a, b), mean_absolute_error(a, b), r2_score(a, b)
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  correctedPairedTest,
  correctedRowTest,
  holm,
  regressionMetrics,
  standardError,
} from "../../src/metrics/index.ts";

const A = [1, 1.2, 0.9, 1.1, 1.05];
const B = [1.1, 1.35, 0.95, 1.2, 1];

test("regression metrics are scikit-learn's", () => {
  const metrics = regressionMetrics(A, B);
  expect(metrics.nSamples).toBe(5);
  expect(metrics.mse).toBeCloseTo(0.0095, 14);
  expect(metrics.rmse).toBeCloseTo(Math.sqrt(0.0095), 14);
  expect(metrics.mae).toBeCloseTo(0.09, 14);
  expect(metrics.r2).toBeCloseTo(0.05, 12);
});

test("r2 is null where the truth is constant, and shapes must agree", () => {
  expect(regressionMetrics([2, 2], [1, 3]).r2).toBeNull();
  expect(() => regressionMetrics([1, 2], [1])).toThrow(
    expect.objectContaining({ code: "SHAPE_MISMATCH" }),
  );
});

test("the corrected test of rows pools splits, and a cluster counts as one row", () => {
  // d is that of A and B: sqrt(5 / 4 * sum((d - mean)²) * (1 + 2 * 0.25)) / 5 below the mean.
  const a = [A.slice(0, 2), A.slice(2)];
  const b = [B.slice(0, 2), B.slice(2)];
  const squares = A.reduce((sum, value, i) => sum + (value - B[i]! + 0.07) ** 2, 0);
  const grounds = { testShare: 0.25, clusters: null };
  const { t, p, splits } = correctedRowTest(a, b, grounds);
  expect(t).toBeCloseTo(-0.07 / (Math.sqrt(1.25 * squares * 1.5) / 5), 12);
  expect([splits, p > 0.1 && p < 0.2]).toEqual([2, true]);
  const twice = (rows: readonly (readonly number[])[]) => rows.map((own) => [...own, ...own]);
  const clusters = [
    ["a", "b", "a", "b"],
    ["c", "d", "e", "c", "d", "e"],
  ];
  const repeated = correctedRowTest(twice(a), twice(b), { testShare: 0.25, clusters });
  expect(repeated.t).toBeCloseTo(t, 12);
  expect(correctedRowTest(a, a, grounds).p).toBe(1);
  expect(correctedRowTest([[1]], [[2]], grounds).p).toBe(1);
});

test("the corrected paired test is scipy's t distribution on the corrected statistic", () => {
  const { t, p, splits, difference } = correctedPairedTest(A, B, 0.25);
  expect(t).toBeCloseTo(-1.376124924112372, 12);
  expect(p).toBeCloseTo(0.24080150290275093, 10);
  expect(splits).toBe(5);
  expect(difference).toBeCloseTo(-0.07, 12);
});

test("without a difference, or with one split, nothing is significant", () => {
  expect(correctedPairedTest(A, A, 0.25).p).toBe(1);
  expect(correctedPairedTest([1], [2], 0.25).p).toBe(1);
});

test("Holm's adjustment multiplies by the tests that are left and never falls", () => {
  const adjusted = holm([0.01, 0.04, 0.03]);
  expect(adjusted[0]).toBeCloseTo(0.03, 12);
  expect(adjusted[1]).toBeCloseTo(0.06, 12);
  expect(adjusted[2]).toBeCloseTo(0.06, 12);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) => {
      holm(p).forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(p[i]!);
        expect(value).toBeLessThanOrEqual(1);
      });
    }),
  );
});

test("a standard error is the sample deviation over root n", () => {
  expect(standardError([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3 / 4), 14);
  expect(standardError([1])).toBe(0);
});
