/**
 * Goal: each kind of start finds the parts that it is made for, in rows whose parts are known.
 * Method: rows drawn from two or four simple laws; labels against the truth.
 */
import { describe, expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/metrics/index.ts";
import {
  gaussianMixtureLabels,
  lineMixtureLabels,
  modelTreeLabels,
} from "../../src/mixture/starts/index.ts";
import { createRng } from "../../src/shared/rng.ts";

function draw(nRows: number, nColumns: number, regimeOf: (x: readonly number[]) => number) {
  const rng = createRng(5);
  const values = Float32Array.from({ length: nRows * nColumns }, () => 2 * rng.uniform() - 1);
  const regimes = new Int32Array(nRows);
  const y = new Float32Array(nRows);
  const laws = [(a: number) => 1 + a, (a: number) => -1 - 2 * a, (a: number) => 3 * a];
  for (let i = 0; i < nRows; i++) {
    const x = [...values.subarray(i * nColumns, (i + 1) * nColumns)];
    regimes[i] = regimeOf(x);
    y[i] = laws[regimes[i]!]!(x[0]!) + 0.05 * rng.normal();
  }
  const samples = { X: { values, nRows, nColumns }, y };
  return { samples, regimes, rows: Int32Array.from(y.keys()) };
}

describe("a model tree", () => {
  test("cuts where laws change, also beside features that do not matter", () => {
    const { samples, regimes, rows } = draw(400, 4, (x) => (x[2]! < 0.2 ? 0 : 1));
    const labels = modelTreeLabels(samples, rows, { quadratic: false, sizes: [1, 2] });
    expect(new Set(labels.get(1))).toEqual(new Set([0]));
    expect(adjustedRandIndex(labels.get(2)!, regimes)).toBeGreaterThan(0.9);
  });

  test("labels rows that it was not grown on", () => {
    const { samples, regimes, rows } = draw(600, 2, (x) => (x[0]! < 0 ? 0 : 1));
    const part = rows.filter((i) => i % 3 === 0);
    const labels = modelTreeLabels(samples, part, { quadratic: true, sizes: [2] }).get(2)!;
    expect(labels).toHaveLength(600);
    expect(adjustedRandIndex(labels, regimes)).toBeGreaterThan(0.8);
  });

  test("leaves out sizes that its rows do not reach, and does not cut rows that are equal", () => {
    const { samples, rows } = draw(50, 1, () => 0);
    const sizes = [1, 8];
    expect([...modelTreeLabels(samples, rows, { quadratic: false, sizes }).keys()]).toEqual([1]);
    samples.X.values.fill(1);
    expect([...modelTreeLabels(samples, rows, { quadratic: true, sizes }).keys()]).toEqual([1]);
  });
});

describe("a mixture of lines", () => {
  test("tells laws apart by their slopes alone, where 10 features leave few rows a term", () => {
    const { samples, regimes, rows } = draw(200, 10, (x) => (x[4]! < 0 ? 1 : 0));
    const labels = lineMixtureLabels(samples, rows, 2, createRng(1));
    expect(adjustedRandIndex(labels, regimes)).toBeGreaterThan(0.8);
  });
});

describe("a mixture of normals", () => {
  test("tells clouds of (x, y) apart", () => {
    const { samples, regimes, rows } = draw(500, 1, (x) => (x[0]! < 0 ? 1 : 0));
    const labels = gaussianMixtureLabels(samples, rows, 2, createRng(1));
    expect(adjustedRandIndex(labels, regimes)).toBeGreaterThan(0.9);
  });

  test("survives rows that are all equal", () => {
    const { samples, rows } = draw(40, 2, () => 0);
    samples.X.values.fill(0);
    samples.y.fill(0);
    const labels = gaussianMixtureLabels(samples, rows, 4, createRng(1));
    expect(labels.every((label) => label >= 0 && label < 4)).toBe(true);
  });
});
