/**
 * Goal: boosted trees and forests are as good as those of a package that many trust.
 * Method: committed sets, divided as trees-fixture.py divides them; its figures are scikit-learn's.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  applyPreprocessing,
  fitPreprocessing,
  openData,
  selectFrom,
} from "../../src/data/index.ts";
import { createReferenceEngine, fitFamily, predictExpert } from "../../src/experts/index.ts";
import { growBestTree } from "../../src/experts/trees/best-tree.ts";
import { binColumns } from "../../src/experts/trees/bins.ts";
import { growRandomTree } from "../../src/experts/trees/random-tree.ts";
import { treeValue } from "../../src/experts/trees/tree.ts";
import { prepareSamples } from "../../src/mixture/index.ts";
import { createRng } from "../../src/shared/rng.ts";

const { sets } = JSON.parse(
  readFileSync(new URL("families/trees-scikit-learn.json", import.meta.url), "utf8"),
) as { readonly sets: Readonly<Record<string, Readonly<Record<"trees" | "forest", number>>>> };

/** Both draw rows and columns at random; a few per cent are luck. */
const LUCK = 1.08;

describe.each(Object.entries(sets))("on %s", (name, theirs) => {
  test.each(["trees", "forest"] as const)("%s err no more than scikit-learn's", async (family) => {
    const table = selectFrom(await openData(name), {});
    const rows = Int32Array.from(table.y.keys());
    const [train, unseen] = [rows.filter((i) => i % 5 !== 0), rows.filter((i) => i % 5 === 0)];
    const preprocessing = fitPreprocessing(table.features, table.y, train, table.targetName);
    const expert = fitFamily(family, prepareSamples(preprocessing, table, train), 1);
    const X = applyPreprocessing(preprocessing, table.features, unseen);
    const { mean, scale } = preprocessing.target;
    const answers = predictExpert(createReferenceEngine(), expert, X);
    const squares = Array.from(unseen, (i, r) => (mean + scale * answers[r]! - table.y[i]!) ** 2);
    const mse = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    expect(mse).toBeLessThan(LUCK * theirs[family]);
  });
});

describe("a tree of one column", () => {
  const values = Float32Array.from([1, 2, 3, 4, 5, 6]);
  const bins = binColumns({ values, nRows: 6, nColumns: 1 });
  const growing = () => ({
    bins,
    rows: Int32Array.from(values.keys()),
    residuals: Float64Array.from([0, 0, 0, 5, 6, 7]),
    weights: new Float64Array(6).fill(1),
    columns: [0],
  });

  test("splits where most is gained, between two values, and leaves hold means", () => {
    const { tree } = growBestTree(growing(), { depth: 1, minWeight: 1, shrinkage: 0 });
    expect(tree.thresholds[0]).toBe(3.5);
    expect([1, 4].map((row) => treeValue(tree, values, row))).toEqual([0, 6]);
  });

  test("grows on within its depth, by what subtraction leaves of its parent's histogram", () => {
    const { tree } = growBestTree(growing(), { depth: 2, minWeight: 1, shrinkage: 0 });
    expect([0, 3, 5].map((row) => treeValue(tree, values, row))).toEqual([0, 5, 6.5]);
  });

  test("brings the rows of a leaf together", () => {
    const own = growing();
    const { tree, leaves } = growBestTree(own, { depth: 2, minWeight: 1, shrinkage: 0 });
    const runs = leaves.map(({ start, end }) => [...own.rows.subarray(start, end)].sort());
    expect(runs.sort()).toEqual([[0, 1, 2], [3], [4, 5]]);
    for (const { id, start } of leaves) {
      expect(treeValue(tree, values, own.rows[start]!)).toBe(tree.values[id]);
    }
  });

  test("keeps leaves of a weight, and believes light ones less", () => {
    const { tree } = growBestTree(growing(), { depth: 3, minWeight: 3, shrinkage: 3 });
    expect(tree.features.filter((feature) => feature >= 0)).toHaveLength(1);
    expect(treeValue(tree, values, 5)).toBe(3);
  });
});

describe("a tree of random cuts", () => {
  const values = Float32Array.from([0, 5, 1, 5, 2, 5, 9, 5]);
  const growing = () => ({
    X: { values, nRows: 4, nColumns: 2 },
    rows: Int32Array.of(0, 1, 2, 3),
    residuals: Float64Array.of(1, 2, 4, 8),
    weights: Float64Array.of(1, 1, 2, 1),
  });
  const shape = { depth: 9, minWeight: 1, shrinkage: 0 };

  test("tells all rows apart that differ, never by a constant column", () => {
    const { tree } = growRandomTree(growing(), shape, createRng(1));
    expect([0, 1, 2, 3].map((row) => treeValue(tree, values, 2 * row))).toEqual([1, 2, 4, 8]);
    expect(tree.features).not.toContain(1);
  });

  test("draws the first cut evenly between the lowest and the highest value", () => {
    const rng = createRng(2);
    const drawn = Array.from({ length: 4000 }, () => {
      const { tree } = growRandomTree(growing(), { ...shape, depth: 1 }, rng);
      expect(treeValue(tree, values, 6)).toBeGreaterThan(treeValue(tree, values, 0));
      return tree.thresholds[0]!;
    });
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(9);
    for (const share of [0.25, 0.5, 0.75]) {
      expect(drawn.filter((cut) => cut < 9 * share).length / 4000).toBeCloseTo(share, 1);
    }
  });

  test("keeps leaves of a weight, and their means by weight", () => {
    const { tree } = growRandomTree(growing(), { ...shape, minWeight: 3 }, createRng(3));
    expect(tree.values[0]).toBe((1 + 2 + 8 + 8) / 5);
    expect(tree.features).toEqual([-1]);
  });
});
