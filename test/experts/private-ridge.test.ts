/**
 * Goal: one row changes a private ridge's sum by a length of 1 at most, and the ridge is right.
 * Method: sums with and without each row, rows of any size among them; ridges without noise beside
 * those of `fitRidge`; noise put on a sum, beside what is said that it adds.
 */
import { describe, expect, test } from "vitest";
import {
  addedByNoise,
  countPrivateSums,
  fitRidge,
  linearPart,
  type PrivateForm,
  predictRidge,
  privateRidgeSums,
  ridgeOfPrivateSums,
} from "../../src/experts/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const FORM: PrivateForm = { nFeatures: 3, crossed: [0, 2], radius: 4, targetRadius: 3 };

function rowsOf(n: number, seed: number) {
  const rng = createRng(seed);
  const X = matrix(
    Float32Array.from({ length: 3 * n }, () => rng.normal()),
    n,
    3,
  );
  const y = Float32Array.from({ length: n }, (_, i) => {
    const [a, b, c] = X.values.subarray(3 * i, 3 * i + 3);
    return 0.4 * a! - 0.3 * b! + 0.2 * (a! * a! - 1) + 0.5 * a! * c! + 0.1 * rng.normal();
  });
  return { X, y };
}

describe("a row's part of the sum", () => {
  test("has a length of 1 at most, whatever it and the others hold", () => {
    const { X, y } = rowsOf(40, 1);
    X.values.set([1e30, -1e30, 1e30], 0);
    X.values.set([Number.NaN, 0, 0], 3);
    X.values.set([50, -3, 70], 6);
    X.values.set([Number.POSITIVE_INFINITY, 0, 0], 9);
    [y[4], y[5], y[6]] = [1e30, Number.NaN, -80];
    const whole = privateRidgeSums({ X, y }, FORM);
    let longest = 0;
    for (let i = 0; i < 40; i++) {
      const others = Array.from({ length: 40 }, (_, r) => r).filter((r) => r !== i);
      const without = privateRidgeSums(
        {
          X: matrix(
            Float32Array.from(others.flatMap((r) => [...X.values.subarray(3 * r, 3 * r + 3)])),
            39,
            3,
          ),
          y: Float32Array.from(others, (r) => y[r]!),
        },
        FORM,
      );
      const alone = privateRidgeSums(
        { X: matrix(X.values.slice(3 * i, 3 * i + 3), 1, 3), y: y.slice(i, i + 1) },
        FORM,
      );
      const part = whole.map((value, at) => value - without[at]!);
      // To the last bit the part that the row has alone: sums are exact.
      expect([...part].map((value) => value + 0)).toEqual([...alone].map((value) => value + 0));
      const squares = part.reduce((sum, value) => sum + value * value, 0);
      longest = Math.max(longest, squares);
      expect(squares).toBeLessThanOrEqual(1);
    }
    // Rows that were shortened have that length, so noise is not larger than it must be.
    expect(longest).toBeGreaterThan(1 - 1e-6);
  });

  test("is of whole steps of the fixed point", () => {
    const sums = privateRidgeSums(rowsOf(20, 2), FORM);
    expect(sums).toHaveLength(countPrivateSums(FORM));
    expect(sums.every((value) => Number.isInteger(value * 2 ** 30))).toBe(true);
  });
});

describe("a ridge of such a sum", () => {
  const rows = rowsOf(4000, 3);
  const wide = { ...FORM, radius: 30, targetRadius: 30 };
  const errorOf = (answers: Float32Array): number =>
    answers.reduce((sum, answer, i) => sum + (answer - rows.y[i]!) ** 2, 0) / rows.y.length;

  test("is that of the rows where none was shortened and there is no noise", () => {
    const { expert, mse } = ridgeOfPrivateSums(privateRidgeSums(rows, wide), wide, 1e-6);
    const whole = fitRidge({ ...rows, weights: null }, 2);
    const [own, other] = [predictRidge(expert, rows.X), predictRidge(whole, rows.X)];
    own.forEach((answer, i) => {
      // The terms with input 1 are not asked for, and their coefficients are nearly 0.
      expect(Math.abs(answer - other[i]!)).toBeLessThan(0.05);
    });
    expect(errorOf(own) / errorOf(other)).toBeLessThan(1.01);
    // Of the sum in fixed point, whose steps are coarse for so wide a radius.
    expect(mse / errorOf(own)).toBeCloseTo(1, 1);
    expect(expert.coefficients).toHaveLength(1 + 3 + 6);
  });

  test("without products is that of the linear part", () => {
    const part = linearPart(privateRidgeSums(rows, wide), wide);
    expect(part.sums).toEqual(privateRidgeSums(rows, { ...wide, crossed: [] }));
    const { expert } = ridgeOfPrivateSums(part.sums, part.form, 1e-6);
    const whole = fitRidge({ ...rows, weights: null }, 1);
    expert.coefficients.forEach((own, t) => {
      expect(Math.abs(own - whole.coefficients[t]!)).toBeLessThan(1e-2);
    });
  });

  test("loses about what is said that noise adds", () => {
    const sums = privateRidgeSums(rows, FORM);
    const without = errorOf(predictRidge(ridgeOfPrivateSums(sums, FORM, 1e-6).expert, rows.X));
    const noise = 10;
    const rng = createRng(5);
    const lost = Array.from({ length: 30 }, () => {
      const noised = sums.map((value) => value + noise * rng.normal());
      const { expert } = ridgeOfPrivateSums(noised, FORM, noise);
      return errorOf(predictRidge(expert, rows.X)) - without;
    });
    const mean = lost.reduce((sum, value) => sum + value, 0) / lost.length;
    const said = addedByNoise(FORM, { nRows: rows.y.length, noise });
    expect(mean / said).toBeGreaterThan(0.2);
    expect(mean / said).toBeLessThan(5);
    expect(addedByNoise(FORM, { nRows: 0, noise })).toBe(Number.POSITIVE_INFINITY);
  });
});
