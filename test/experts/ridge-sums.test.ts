/** Sums of rows in two places give the ridge of all rows; sums of none, or of others, do not. */
import { expect, test } from "vitest";
import { countRidgeSums, fitRidge, ridgeOfSums, ridgeSums } from "../../src/experts/index.ts";
import { matrix, takeRows } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const rng = createRng(3);
const N = 80;
// The last column is constant.
const X = matrix(
  Float32Array.from({ length: 3 * N }, (_, i) => (i % 3 === 2 ? 4 : rng.normal())),
  N,
  3,
);
const y = Float32Array.from({ length: N }, (_, i) => {
  return 2 * X.values[3 * i]! - X.values[3 * i + 1]! ** 2 + 0.1 * rng.normal();
});
const weights = Float32Array.from({ length: N }, (_, i) => (i % 5) / 4);

test.each([1, 2] as const)("degree %i, weighted, with a constant column", (degree) => {
  const part = (from: number, to: number): Float64Array => {
    const rows = Int32Array.from({ length: to - from }, (_, i) => from + i);
    const own = { X: takeRows(X, rows), y: y.subarray(from, to) };
    return ridgeSums({ ...own, weights: weights.subarray(from, to) }, degree);
  };
  const first = part(0, 30);
  const sums = part(30, N).map((sum, place) => sum + first[place]!);
  const form = { nFeatures: 3, degree };
  expect(sums).toHaveLength(countRidgeSums(form));
  const apart = ridgeOfSums(sums, form);
  const whole = fitRidge({ X, y, weights }, degree);
  expect(apart.penalty / whole.penalty).toBeCloseTo(1, 6);
  apart.coefficients.forEach((c, t) => {
    expect(c).toBeCloseTo(whole.coefficients[t]!, 6);
  });
});

test("sums of no rows, and of another form, are refused", () => {
  const form = { nFeatures: 3, degree: 1 } as const;
  expect(() => ridgeOfSums(new Float64Array(countRidgeSums(form)), form)).toThrow(
    expect.objectContaining({ code: "TOO_FEW_ROWS" }),
  );
  expect(() => ridgeOfSums(new Float64Array(2), form)).toThrow(
    expect.objectContaining({ code: "SHAPE_MISMATCH" }),
  );
});
