/**
 * Goal: the search finds regimes that are there, finds one where there is one, merges what one law
 * explains, gives the same labels on any number of threads, and survives samples that are too few
 * or all alike.
 * Method: the expectation step against the formulas and against the kernel's gradient of the
 * likelihood; searches on generated rows whose regimes are known.
 */
import { describe, expect, test } from "vitest";
import { fitPreprocessing, type GeneratorName, generate } from "../../src/data/index.ts";
import {
  createReferenceEngine,
  createWasmEngine,
  initNet,
  type Samples,
} from "../../src/experts/index.ts";
import { mixtureDerivatives } from "../../src/kernel/index.ts";
import { adjustedRandIndex } from "../../src/metrics/index.ts";
import {
  createInlineExecutor,
  fitModel,
  PRESETS,
  prepareSamples,
  type TrainingTable,
} from "../../src/mixture/index.ts";
import {
  answer,
  logLikelihoods,
  noiseOf,
  responsibilities,
} from "../../src/mixture/likelihood/expectation.ts";
import { searchRegimes } from "../../src/mixture/likelihood/index.ts";
import { mergeRegimes } from "../../src/mixture/likelihood/merge.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const { competition } = PRESETS.regimes;

function generatedTable(name: GeneratorName, nRows: number, seed: number) {
  const { table, regimes, noiseVariance } = generate(name, { nRows, seed });
  const features = { nRows, columns: table.columns.slice(0, -1) };
  const y = table.columns.at(-1)!.values as Float64Array;
  const rows = Int32Array.from(y.keys());
  const training: TrainingTable = { features, targetName: "y", y, groups: null };
  const preprocessing = fitPreprocessing(features, y, rows, "y");
  const samples = prepareSamples(preprocessing, training, rows);
  return { training, samples, regimes, variance: noiseVariance / preprocessing.target.scale ** 2 };
}

describe("the expectation step", () => {
  const { samples } = generatedTable("curve", 50, 1);
  const rng = createRng(4);
  const experts = [0, 1, 2].map(() => initNet({ sizes: [2, 5, 1], activation: "tanh" }, rng));
  const gate = initNet({ sizes: [2, 4, 3], activation: "tanh" }, rng);
  const variance = 0.3;
  const engine = createReferenceEngine();
  const answers = answer(engine, { experts, gate, variance }, samples);
  const shares = responsibilities(answers, variance);
  const rows = Int32Array.from(samples.y.keys());

  test("descends the gradient of the mixture's likelihood that the kernel computes", () => {
    const outputs = {
      experts: experts.map((net) => engine.predict(net, samples.X)),
      gate: engine.predict(gate, samples.X),
    };
    const derivatives = mixtureDerivatives(outputs, samples.y, variance);
    for (const i of rows) {
      for (let k = 0; k < 3; k++) {
        const error = outputs.experts[k]![i]! - samples.y[i]!;
        expect(shares[3 * i + k]! * error).toBeCloseTo(derivatives.experts[k]![i]!, 3);
        const score = answers.scores[3 * i + k]!;
        expect(score - shares[3 * i + k]!).toBeCloseTo(derivatives.gate[3 * i + k]!, 3);
      }
    }
  });

  test("log likelihoods and noise are those of the formulas", () => {
    const logs = logLikelihoods(answers, variance, rows);
    let weighted = 0;
    for (const i of rows) {
      let density = 0;
      for (let k = 0; k < 3; k++) {
        const squared = answers.errors[3 * i + k]!;
        const normal = Math.exp(-squared / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
        density += answers.scores[3 * i + k]! * normal;
        weighted += shares[3 * i + k]! * squared;
      }
      expect(logs[i]).toBeCloseTo(Math.log(density), 10);
    }
    expect(noiseOf(answers, shares, rows)).toBeCloseTo(weighted / rows.length, 10);
  });

  test("an expert that diverged is responsible for nothing", () => {
    const broken = { ...experts[0]!, parameters: experts[0]!.parameters.map(() => Number.NaN) };
    const mixture = { experts: [broken, experts[1]!, experts[2]!], gate, variance };
    const own = responsibilities(answer(engine, mixture, samples), variance);
    for (const i of rows) {
      expect(own[3 * i]).toBe(0);
      expect(own[3 * i + 1]! + own[3 * i + 2]!).toBeCloseTo(1, 6);
    }
  });
});

describe("the merge test", () => {
  const merge = (name: GeneratorName, cut: (regime: number, x: number) => number) => {
    const { samples, regimes, variance } = generatedTable(name, 600, 2);
    const labels = regimes.map((regime, i) => cut(regime, samples.X.values[2 * i]!));
    const nRegimes = Math.max(...labels) + 1;
    const laws = "nets";
    return mergeRegimes({ samples, laws, labels, nRegimes, variance, seed: 1 }, executor);
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
