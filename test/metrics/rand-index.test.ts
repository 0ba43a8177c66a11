/**
 * Goal: the adjusted Rand index is scikit-learn's.
 * Method: figures of scikit-learn 1.5.2's adjusted_rand_score; properties that hold for any labels.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/metrics/index.ts";

test.each([
  ["one part split", [0, 0, 1, 1], [0, 0, 1, 2], 0.5714285714285714],
  ["equal but for names", [0, 0, 1, 1], [1, 1, 0, 0], 1],
  ["parts of one against one part", [0, 1, 2, 3], [0, 0, 0, 0], 0],
  ["one part each", [0, 0, 0, 0], [7, 7, 7, 7], 1],
  ["crossed: below chance", [0, 0, 1, 1], [0, 1, 0, 1], -0.5],
  ["ten rows", [0, 0, 0, 1, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 2, 2, 2, 2, 0, 2], 0.1366906474820144],
])("%s", (_name, a, b, expected) => {
  expect(adjustedRandIndex(a, b)).toBeCloseTo(expected, 14);
});

test("300 rows of four parts, a tenth of them in the next part; and unrelated parts", () => {
  const rows = [...new Array(300).keys()];
  const parts = rows.map((i) => Math.floor(i / 75));
  const moved = parts.map((part, i) => (i % 10 === 0 ? (part + 1) % 4 : part));
  expect(adjustedRandIndex(parts, moved)).toBeCloseTo(0.7575822242579128, 12);
  const [byFour, bySquare] = [rows.map((i) => i % 4), rows.map((i) => (i * i) % 7)];
  expect(adjustedRandIndex(byFour, bySquare)).toBeCloseTo(-0.009523878643417109, 12);
});

test("symmetric, at most 1, and blind to names", () => {
  const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(pairs, (rows) => {
      const [a, b] = [rows.map(([own]) => own), rows.map(([, other]) => other)];
      const index = adjustedRandIndex(a, b);
      expect(adjustedRandIndex(b, a)).toBe(index);
      expect(index).toBeLessThanOrEqual(1);
      const renamed = b.map((part) => 9 - part);
      expect(adjustedRandIndex(a, renamed)).toBeCloseTo(index, 14);
    }),
  );
});

test("rows must match", () => {
  expect(() => adjustedRandIndex([1, 2], [1])).toThrow(
    expect.objectContaining({ code: "SHAPE_MISMATCH" }),
  );
});
