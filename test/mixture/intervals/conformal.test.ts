/**
 * Goal: a half width is the conformal quantile of held-out errors, never less, and no level is
 * promised that there are not errors enough for.
 * Method: nine errors by hand; numpy's figures (quantiles.py) for more of them; properties.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Calibration,
  calibrate,
  halfWidth,
  highestLevel,
  MAX_QUANTILES,
} from "../../../src/mixture/index.ts";
import { errorsNeeded } from "../../../src/mixture/intervals/conformal.ts";

interface Figures {
  readonly cases: readonly {
    readonly n: number;
    readonly level: number;
    readonly exact: number;
    readonly next: number;
  }[];
}
const FIGURES: Figures = JSON.parse(
  readFileSync(new URL("quantiles.json", import.meta.url), "utf8"),
);

/** Park and Miller's generator less a half, as the figures' script has it. */
function errorsOf(n: number): Float64Array {
  let x = 20_260;
  return Float64Array.from({ length: n }, () => {
    x = (16_807 * x) % 2_147_483_647;
    return x / 2_147_483_647 - 0.5;
  });
}

const zeros = (n: number): Int32Array => new Int32Array(n);
/** The same of all errors, without thinning. */
function plain(errors: Float64Array, level: number): number {
  const sorted = errors.map(Math.abs).sort();
  return sorted[Math.ceil((errors.length + 1) * level - 1e-9) - 1]!;
}

test("nine errors: their largest at .9, their fifth at .5, and no more than .9", () => {
  const errors = [-9, 1, 8, -2, 7, 3, -6, 4, 5];
  const calibration = calibrate(errors, zeros(9), 1);
  expect(calibration.pooled.sizes).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9));
  expect(calibration.regimes).toEqual([null]);
  expect(halfWidth(calibration, 0, 0.9)).toBe(9);
  expect(halfWidth(calibration, 0, 0.5)).toBe(5);
  expect(halfWidth(calibration, 0, 0.51)).toBe(6);
  expect(halfWidth(calibration, null, 0.01)).toBe(1);
  expect(highestLevel(calibration)).toBe(0.9);
  expect(() => halfWidth(calibration, 0, 0.91)).toThrow(
    "an interval of level 0.91 needs at least 11 held-out errors (level / (1 - level)), the model has 9",
  );
});

test("a level of .9 takes 9 errors, .95 19, .99 99", () => {
  expect([0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999].map(errorsNeeded)).toEqual([
    1, 4, 9, 19, 39, 99, 999,
  ]);
});

test.each([0, 1, -0.1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%d is no level", (level) => {
  const calibration = calibrate([1, 2], zeros(2), 1);
  expect(() => halfWidth(calibration, 0, level)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
});

test("without errors there is nothing to calibrate by", () => {
  expect(() => calibrate([], [], 1)).toThrow(expect.objectContaining({ code: "TOO_FEW_ROWS" }));
});

test.each(FIGURES.cases)("numpy says the same of $n errors at $level", (figures) => {
  const { n, level, exact, next } = figures;
  const calibration = calibrate(errorsOf(n), zeros(n), 1);
  const half = halfWidth(calibration, 0, level);
  if (n <= MAX_QUANTILES) expect(half).toBe(exact);
  expect(half).toBeGreaterThanOrEqual(exact);
  expect(half).toBeLessThanOrEqual(next);
});

describe("regimes", () => {
  const n = 200;
  const errors = Float64Array.from({ length: n }, (_, i) => (i < 100 ? i + 1 : 1000 + i));
  const regimes = Int32Array.from({ length: n }, (_, i) => (i < 100 ? 0 : i < 171 ? 1 : 2));
  const calibration = calibrate(errors, regimes, 3, 4);

  test("with thirty errors have separate quantiles, the others the pooled ones", () => {
    expect(calibration.member).toBe(4);
    expect(calibration.regimes.map((own) => own?.nErrors)).toEqual([100, 71, undefined]);
    expect(halfWidth(calibration, 0, 0.9)).toBe(91);
    expect(halfWidth(calibration, 1, 0.9)).toBe(plain(errors.slice(100, 171), 0.9));
    expect(halfWidth(calibration, 2, 0.9)).toBe(plain(errors, 0.9));
    expect(halfWidth(calibration, 2, 0.9)).toBe(halfWidth(calibration, null, 0.9));
  });

  test("whose own are too few for a level take the pooled, or their largest if that is more", () => {
    expect(halfWidth(calibration, 0, 0.991)).toBe(plain(errors, 0.991));
    const loud = calibrate(
      errors,
      Int32Array.from(regimes, (k) => (k === 0 ? 1 : 0)),
      2,
    );
    expect(halfWidth(loud, 0, 0.992)).toBe(1199);
  });
});

const anyErrors = fc
  .array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 300 })
  .chain((few) => fc.constantFrom(1, 7, 40).map((times) => repeat(few, times)));

/** Enough of them to be thinned, no two alike. */
function repeat(few: readonly number[], times: number): Float64Array {
  return Float64Array.from({ length: times * few.length }, (_, i) => {
    return few[i % few.length]! * (1 + Math.floor(i / few.length) / 100);
  });
}

function calibrated(errors: Float64Array): Calibration {
  const regimes = errors.map((_, i) => (i % 5 === 0 ? 1 : 0));
  return calibrate(errors, regimes, 2);
}

const levels = fc.double({ noNaN: true, min: 0.001, max: 0.9999 });

test("a wider level is never narrower, in any regime", () => {
  fc.assert(
    fc.property(anyErrors, levels, levels, (errors, a, b) => {
      const calibration = calibrated(errors);
      const highest = highestLevel(calibration);
      const [low, high] = [Math.min(a, b, highest), Math.min(Math.max(a, b), highest)];
      for (const regime of [null, 0, 1]) {
        const narrow = halfWidth(calibration, regime, low);
        expect(halfWidth(calibration, regime, high)).toBeGreaterThanOrEqual(narrow);
      }
    }),
  );
});

test("the kept part of many errors never gives less than all of them", () => {
  fc.assert(
    fc.property(anyErrors, levels, (errors, wanted) => {
      const { pooled, ...calibration } = calibrated(errors);
      const level = Math.min(wanted, highestLevel({ pooled, ...calibration }));
      expect(pooled.sizes.length).toBeLessThanOrEqual(MAX_QUANTILES);
      expect(pooled.nErrors).toBe(errors.length);
      const half = halfWidth({ pooled, ...calibration }, null, level);
      expect(half).toBeGreaterThanOrEqual(plain(errors, level));
      if (errors.length <= MAX_QUANTILES) expect(half).toBe(plain(errors, level));
    }),
  );
});
