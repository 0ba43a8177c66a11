/**
 * Goal: held-out rows of a regime exceed 1 about once in a hundred, strange rows do.
 * Method: rows drawn at random from known shapes, new ones from the same, and ones from elsewhere.
 */
import { describe, expect, test } from "vitest";
import { fitNovelty } from "../../src/explain/novelty.ts";
import { createScorer, whitenRow } from "../../src/explain/novelty-score.ts";
import { whiteningOf } from "../../src/explain/whitening.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const rng = createRng(11);
const all = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

function rowsOf(nRows: number, draw: () => readonly number[]): Matrix {
  const rows = Array.from({ length: nRows }, draw);
  return { values: Float32Array.from(rows.flat()), nRows, nColumns: rows[0]?.length ?? 3 };
}

/** The share of `fresh` that is novel to what `known` looks like. */
function novelShare(known: Matrix, fresh: Matrix): number {
  const score = createScorer(fitNovelty(known, all(known.nRows)));
  const novel = [...all(fresh.nRows)].filter((i) => score(fresh.values, i * fresh.nColumns) > 1);
  return novel.length / fresh.nRows;
}

const normals = (n: number): number[] => Array.from({ length: n }, () => rng.normal());
const side = (): number => (rng.int(2) === 0 ? -1 : 1);
const SHAPES = {
  normal: () => normals(10),
  uniform: () => Array.from({ length: 10 }, () => 3.46 * (rng.uniform() - 0.5)),
  ring: () => {
    const angle = 2 * Math.PI * rng.uniform();
    return [1.4 * Math.cos(angle) + 0.1 * rng.normal(), 1.4 * Math.sin(angle) + 0.1 * rng.normal()];
  },
  "two parts": () => [side() * (0.75 + 0.75 * rng.uniform())],
  "a line": () => {
    const along = rng.normal();
    return [along, along + 0.05 * rng.normal(), -along + 0.05 * rng.normal(), rng.normal(), 0];
  },
  levels: () => {
    const level = rng.int(3);
    return [0, 1, 2, 3].map((other): number => (other === level ? 1 : 0)).concat(rng.normal());
  },
} satisfies Record<string, () => number[]>;

describe.each<[string, () => number[]]>(Object.entries(SHAPES))("of %s", (_name, draw) => {
  test("about one held-out row in a hundred is novel", () => {
    const share = novelShare(rowsOf(1500, draw), rowsOf(4000, draw));
    expect(share).toBeLessThan(0.02);
  });

  test("with 100 rows, few are", () => {
    expect(novelShare(rowsOf(100, draw), rowsOf(4000, draw))).toBeLessThan(0.07);
  });
});

test("over many fits the share of novel rows is near 1 %, neither 0 nor 3 %", () => {
  const shares = Array.from({ length: 10 }, () => {
    return novelShare(
      rowsOf(600, () => normals(4)),
      rowsOf(2000, () => normals(4)),
    );
  });
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  expect(mean).toBeGreaterThan(0.003);
  expect(mean).toBeLessThan(0.02);
});

const STRANGE: readonly [string, keyof typeof SHAPES, () => readonly number[]][] = [
  ["a row far out in one of ten inputs", "uniform", () => [3, ...SHAPES.uniform().slice(1)]],
  ["a row at the edge of what is clipped", "normal", () => [6, ...normals(9)]],
  ["a row in the middle of a ring", "ring", () => [0.2 * rng.normal(), 0.2 * rng.normal()]],
  ["a row in the gap between two parts", "two parts", () => [0.8 * (rng.uniform() - 0.5)]],
  ["a row off the line, each input in its range", "a line", () => [1, 0, -1, rng.normal(), 0]],
  ["a row that moves a constant", "a line", () => [0, 0, 0, rng.normal(), 1]],
  ["a level that was never seen", "levels", () => [0, 0, 0, 1, rng.normal()]],
];

test.each(STRANGE)("%s is novel", (_name, shape, draw) => {
  expect(novelShare(rowsOf(1500, SHAPES[shape]), rowsOf(500, draw))).toBeGreaterThan(0.95);
});

describe("few rows, equal rows and no rows", () => {
  const point = (): readonly number[] => [0, 1, 2];
  const other = (): readonly number[] => [0, 1, 3];

  test.each([1, 2, 50])("of %i equal rows, the same is not novel and another is", (n) => {
    expect(novelShare(rowsOf(n, point), rowsOf(5, point))).toBe(0);
    expect(novelShare(rowsOf(n, point), rowsOf(5, other))).toBe(1);
  });

  test("of no rows, every row is infinitely novel", () => {
    const score = createScorer(fitNovelty(rowsOf(4, point), all(0)));
    expect(score(Float32Array.of(0, 1, 2), 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("60 rows of 40 inputs, and more inputs than correlations are learnt of", () => {
    const wide = (n: number) => (): number[] => normals(n);
    expect(novelShare(rowsOf(60, wide(40)), rowsOf(500, wide(40)))).toBeLessThan(0.1);
    expect(novelShare(rowsOf(200, wide(200)), rowsOf(200, wide(200)))).toBeLessThan(0.05);
  });
});

test("parameters are finite, positive where they divide, and hold no row", () => {
  const X = rowsOf(300, SHAPES["a line"]);
  const { radii, slack, whitening, centroids, least, most } = fitNovelty(X, all(300));
  for (const values of [radii, slack, whitening, centroids, least, most]) {
    expect(values.every(Number.isFinite)).toBe(true);
  }
  expect([...radii, ...slack].every((value) => value > 0)).toBe(true);
  expect(radii.length).toBeLessThanOrEqual(16);
});

test("whitening makes correlated rows round", () => {
  const X = rowsOf(4000, () => {
    const [a, b] = normals(2);
    return [2 * a! + 1, 0.5 * a! + 0.5 * b!];
  });
  const W = whiteningOf(X);
  const out = new Float64Array(2);
  const sums = [0, 0, 0, 0, 0];
  for (let i = 0; i < X.nRows; i++) {
    whitenRow(W, X.values, 2 * i, out);
    const [a, b] = out as unknown as [number, number];
    [a, b, a * a, b * b, a * b].forEach((term, s) => {
      sums[s]! += term / X.nRows;
    });
  }
  const [meanA, meanB, squareA, squareB, product] = sums as [
    number,
    number,
    number,
    number,
    number,
  ];
  expect(squareA - meanA ** 2).toBeCloseTo(1, 1);
  expect(squareB - meanB ** 2).toBeCloseTo(1, 1);
  expect(product - meanA * meanB).toBeCloseTo(0, 1);
});
