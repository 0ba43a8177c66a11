/**
 * Goal: the search finds regimes that are there, finds one where there is one, gives the same labels
 * on any number of threads, and survives samples that are too few or all alike.
 * Method: searches on generated rows whose regimes are known.
 */
import { describe, expect, test } from "vitest";
import { createWasmEngine, type Samples } from "../../../src/experts/index.ts";
import { adjustedRandIndex } from "../../../src/metrics/index.ts";
import { createInlineExecutor, fitModel, PRESETS } from "../../../src/mixture/index.ts";
import { searchRegimes } from "../../../src/mixture/likelihood/index.ts";
import { silent } from "../../../src/shared/progress.ts";
import { createRng } from "../../../src/shared/rng.ts";
import { generatedTable } from "./generated.ts";

const executor = createInlineExecutor(await createWasmEngine());
const { competition } = PRESETS.regimes;

describe("the search for regimes", () => {
  const search = (samples: Samples, candidates: readonly number[], seed = 1) =>
    searchRegimes(samples, { seed, candidates, restarts: 3, competition }, executor, silent);

  test("finds the two branches of a loop, and says how sure it is", async () => {
    const { samples, regimes } = generatedTable("hysteresis", 800, 3);
    const { partition, search: found } = await search(samples, [1, 2, 4]);
    expect(partition.nExperts).toBe(2);
    expect(adjustedRandIndex(partition.labels, regimes)).toBeGreaterThan(0.9);
    const [one, two] = found.candidates;
    expect(two!.logLikelihood).toBeGreaterThan(one!.logLikelihood);
    for (const { icl, logLikelihood, stability } of found.candidates) {
      expect(icl).toBeLessThanOrEqual(logLikelihood);
      expect(stability).toBeLessThanOrEqual(1);
    }
    expect(found.candidates[found.chosen]!.nUsed).toBe(2);
  });

  test("finds one regime where one law holds everywhere", async () => {
    const rng = createRng(8);
    const x = Float32Array.from({ length: 300 }, () => rng.normal());
    const y = x.map((value) => value + 0.2 * rng.normal());
    const X = { values: x, nRows: 300, nColumns: 1 };
    const { partition } = await search({ X, y, weights: null, groups: null }, [1, 2]);
    expect(partition.nExperts).toBe(1);
    expect(new Set(partition.labels)).toEqual(new Set([0]));
  });

  test("gives the same labels on two threads", async () => {
    const { samples } = generatedTable("curve", 200, 5);
    const options = { seed: 2, candidates: [2], restarts: 2, competition };
    const alone = await searchRegimes(samples, options, executor, silent);
    const threaded = createInlineExecutor(await createWasmEngine({ threads: 2 }));
    try {
      const together = await searchRegimes(samples, options, threaded, silent);
      expect(together).toEqual(alone);
    } finally {
      await threaded.close();
    }
  });
});

describe("what a search meets in the wild", () => {
  const quick = {
    ...PRESETS.regimes,
    restarts: 1,
    gate: "tree" as const,
    hidden: [8],
    tuning: { steps: [200], extendTo: 200, learningRates: [1e-2], weightDecays: [0.05] },
  };

  function wideTable(nRows: number, nColumns: number, target: (i: number) => number) {
    const rng = createRng(6);
    const columns = Array.from({ length: nColumns }, (_, j) => ({
      type: "number" as const,
      name: `x${j}`,
      values: Float64Array.from({ length: nRows }, () => rng.normal()),
    }));
    const y = Float64Array.from({ length: nRows }, (_, i) => target(i));
    return { features: { nRows, columns }, targetName: "y", y, groups: null };
  }

  test("60 rows and 40 features: at most 3 experts, one for 20 rows", async () => {
    const table = wideTable(60, 40, (i) => Math.sin(i));
    const { model, report } = await fitModel(table, quick, executor, silent);
    expect(model.members[0]!.mixture.experts.length).toBeLessThanOrEqual(3);
    expect(Math.max(...report.regimeSearch!.candidates.map((c) => c.nExperts))).toBe(3);
  });

  test("rows that are all equal make one regime", async () => {
    const table = wideTable(50, 2, () => 3);
    for (const { values } of table.features.columns) values.fill(1);
    const { model } = await fitModel(table, quick, executor, silent);
    expect(model.members[0]!.mixture.experts).toHaveLength(1);
  });

  test("a person's number of experts is kept to, unless fewer hold rows", async () => {
    const { training } = generatedTable("hysteresis", 200, 7);
    const options = { ...quick, experts: 2 };
    const { model, report } = await fitModel(training, options, executor, silent);
    expect(model.members[0]!.mixture.experts.length).toBeLessThanOrEqual(2);
    expect(report.regimeSearch!.candidates.map((c) => c.nExperts)).toEqual([2]);
  });
});
