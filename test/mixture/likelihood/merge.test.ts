/**
 * Goal: pieces of one law become one regime, two laws stay apart, and neighbours are the nearest.
 * Method: generated rows whose regimes are known, cut by hand.
 */
import { describe, expect, test } from "vitest";
import type { GeneratorName } from "../../../src/data/index.ts";
import { createWasmEngine } from "../../../src/experts/index.ts";
import { adjustedRandIndex } from "../../../src/metrics/index.ts";
import { createInlineExecutor } from "../../../src/mixture/index.ts";
import { mergeRegimes } from "../../../src/mixture/likelihood/merge.ts";
import { neighboursOf } from "../../../src/mixture/likelihood/neighbours.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { generatedTable } from "./generated.ts";

const executor = createInlineExecutor(await createWasmEngine());

describe("the merge test", () => {
  const merge = (name: GeneratorName, cut: (regime: number, x: number) => number) => {
    const { samples, regimes, variance } = generatedTable(name, 600, 2);
    const labels = regimes.map((regime, i) => cut(regime, samples.X.values[2 * i]!));
    const nRegimes = Math.max(...labels) + 1;
    const neighbours = neighboursOf(samples.X);
    const inliers = new Uint8Array(labels.length).fill(1);
    const parts = { labels, nRegimes, neighbours, inliers };
    return mergeRegimes({ samples, laws: "nets", variance, seed: 1, ...parts }, executor);
  };

  test("joins the halves of one law and keeps two laws apart", async () => {
    const halves = await merge("hysteresis", (regime, x) => 2 * regime + (x < 0 ? 0 : 1));
    const { regimes } = generatedTable("hysteresis", 600, 2);
    expect(halves.nRegimes).toBe(2);
    expect(adjustedRandIndex(halves.labels, regimes)).toBe(1);
    expect(halves.cost).toBeGreaterThan(0);
  });

  test("leaves a partition of true regimes as it is", async () => {
    const kept = await merge("curve", (regime) => regime);
    expect(kept.nRegimes).toBe(2);
  });
});

describe("neighbours", () => {
  test("are the rows of least distance, and all others where there are few", () => {
    const rng = createRng(2);
    const values = Float32Array.from({ length: 60 }, () => rng.normal());
    const X = { values, nRows: 30, nColumns: 2 };
    neighboursOf(X).forEach((near, i) => {
      const distance = (j: number): number =>
        (values[2 * i]! - values[2 * j]!) ** 2 + (values[2 * i + 1]! - values[2 * j + 1]!) ** 2;
      const others = [...Array(30).keys()].filter((j) => j !== i);
      others.sort((a, b) => distance(a) - distance(b));
      expect([...near].sort((a, b) => a - b)).toEqual(others.slice(0, 8).sort((a, b) => a - b));
    });
    const three = { values: Float32Array.of(0, 1, 2), nRows: 3, nColumns: 1 };
    expect(neighboursOf(three).map(({ length }) => length)).toEqual([2, 2, 2]);
  });
});
