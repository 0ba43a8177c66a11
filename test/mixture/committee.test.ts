/**
 * Goal: a committee is a weighted model whose verdict rests on rows that nothing had seen; it takes
 * any table that can be learnt from, and repeats.
 * Method: two lines that cross at a step, a plain line, and tables with few, odd or copied rows,
 * few steps; the folds are held against what the committee itself answered.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../src/data/index.ts";
import {
  createWasmEngine,
  fitFamily,
  type MlpExpert,
  predictExpert,
} from "../../src/experts/index.ts";
import { mean } from "../../src/metrics/index.ts";
import { heldOutFolds } from "../../src/mixture/committee/held-out.ts";
import { tuneNetworks } from "../../src/mixture/committee/networks.ts";
import {
  type AccurateOptions,
  clip,
  committeeOptions,
  createInlineExecutor,
  DEFAULT_COMMITTEE,
  DEFAULT_FIT,
  evaluate,
  type FittedCommitteeModel,
  fitCommitteeModel,
  fitJudgedCommittee,
  PRESETS,
  predictMixture,
  type TrainingTable,
  takeSamples,
  targetRange,
  type Verdict,
} from "../../src/mixture/index.ts";
import { matrix } from "../../src/shared/matrix.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const NOISE = 0.05;
const OPTIONS: AccurateOptions = {
  fit: {
    ...DEFAULT_FIT,
    hidden: [8],
    tuning: { steps: [800], extendTo: 800, learningRates: [1e-2], weightDecays: [0.003] },
  },
  committee: {
    ...DEFAULT_COMMITTEE,
    regimes: { ...PRESETS.regimes, candidates: [1, 2] },
    architectures: [
      { activation: "tanh", hidden: [[8]] },
      { activation: "relu", hidden: [[8]] },
      { activation: "relu", bins: 4, hidden: [[8]] },
    ],
    sizes: [{ upTo: Number.POSITIVE_INFINITY, heldOut: 5, nets: 2 }],
  },
};

/** y = 3x below 0 and 2 − 3x above; z is noise. */
function steppedTable(nRows: number, seed: number): TrainingTable {
  const rng = createRng(seed);
  const x = Float64Array.from({ length: nRows }, () => 2 * rng.uniform() - 1);
  const z = x.map(() => rng.uniform());
  const y = x.map((value) => (value < 0 ? 3 * value : 2 - 3 * value) + NOISE * rng.normal());
  return tableOf({ x, z }, y);
}

function tableOf(columns: Readonly<Record<string, Float64Array>>, y: Float64Array): TrainingTable {
  const features: Table = {
    nRows: y.length,
    columns: Object.entries(columns).map(([name, values]) => ({ type: "number", name, values })),
  };
  return { features, targetName: "y", y, groups: null };
}

describe("a committee of two regimes", () => {
  let fitted: FittedCommitteeModel & { readonly verdict: Verdict };
  beforeAll(async () => {
    fitted = await fitJudgedCommittee(steppedTable(250, 1), OPTIONS, executor, silent);
  }, 120_000);

  test("has weights on the simplex, in the model as in the report, dividers first", () => {
    const { model, report } = fitted;
    const weights = model.members.map(({ weight }) => weight);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(Math.min(...weights)).toBeGreaterThan(0);
    expect(report.members.map(({ weight }) => weight)).toEqual(weights);
    expect(report.kinds.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    const divides = model.members.map(({ mixture }) => (mixture.experts.length > 1 ? 1 : 0));
    expect(divides).toEqual(divides.toSorted((a, b) => b - a));
  });

  test("is no worse on held-out rows than its best kind but for the luck of weights", () => {
    const { kinds, heldOut } = fitted.report;
    expect(heldOut.nSamples).toBe(250);
    const best = Math.min(...kinds.map(({ heldOutMse }) => heldOutMse));
    expect(heldOut.meanSquaredError).toBeLessThan(1.5 * best);
    const { features, y } = steppedTable(500, 2);
    expect(evaluate(executor.engine, fitted.model, features, y).mse).toBeLessThan(0.1);
  });

  test("reports each member's experts: shares sum to 1, held-out rows to all", () => {
    for (const { experts } of fitted.report.members) {
      expect(experts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(experts.reduce((sum, { residuals }) => sum + residuals.nSamples, 0)).toBe(250);
    }
  });

  test("is judged over the very folds that its members were held from", () => {
    const { folds, samples, heldOutAnswers } = fitted;
    expect(fitted.verdict.why).toMatch(/% (lower|higher) than .* over 5 splits/);
    expect(folds).toEqual(heldOutFolds(samples, OPTIONS.fit.seed, OPTIONS.committee));
    // A ridge is the same whatever the seed: trained on the rest of each fold, it answers alike.
    const answers = fitted.fitted.heldOut.answers.get("ridge")!;
    for (const { train, test: own } of folds) {
      const seen = takeSamples(samples, train);
      const ridge = fitFamily("ridge", seen, 0);
      const said = predictExpert(executor.engine, ridge, takeSamples(samples, own).X);
      const range = targetRange(seen.y);
      own.forEach((i, place) => {
        expect(answers[i]).toBe(clip(said[place]!, range));
      });
    }
    expect(heldOutAnswers).toHaveLength(250);
  });

  test("of the same seed has the same bits, and of another seed others", async () => {
    const table = steppedTable(60, 3);
    const again = (seed: number): Promise<FittedCommitteeModel> =>
      fitCommitteeModel(table, { ...OPTIONS, fit: { ...OPTIONS.fit, seed } }, executor, silent);
    const [a, b, c] = [await again(1), await again(1), await again(2)];
    expect(b.model).toEqual(a.model);
    expect(b.report).toEqual(a.report);
    expect(c.model).not.toEqual(a.model);
  });
});

test("where one fold is held out, the verdict says that it rests on its rows", async () => {
  const sizes = [{ ...OPTIONS.committee.sizes[0]!, heldOut: 1 }];
  const committee = { ...OPTIONS.committee, sizes, families: ["ridge"] as const };
  const table = steppedTable(150, 4);
  const { verdict, report } = await fitJudgedCommittee(
    table,
    { ...OPTIONS, committee },
    executor,
    silent,
  );
  expect(report.heldOut.nSamples).toBe(30);
  expect(verdict.why).toContain("over 30 rows that were held out once");
});

describe("a table", () => {
  const rng = createRng(9);
  const numbers = (n: number): Float64Array => Float64Array.from({ length: n }, () => rng.normal());
  const heavy = numbers(50).map((value) => Math.exp(6 * value));
  const copies = (step: number): Float64Array =>
    Float64Array.from({ length: 30 }, (_, i) => step * (i % 3));
  const tables: readonly (readonly [string, TrainingTable])[] = [
    ["of 10 rows", steppedTable(10, 5)],
    ["of one feature", tableOf({ x: numbers(30) }, numbers(30))],
    [
      "of constant features",
      tableOf({ a: new Float64Array(30), b: new Float64Array(30) }, numbers(30)),
    ],
    ["with heavy tails", tableOf({ x: numbers(50) }, heavy)],
    ["of a few copied rows", tableOf({ x: copies(0.5) }, copies(2))],
    [
      "of three groups",
      { ...steppedTable(30, 6), groups: Array.from({ length: 30 }, (_, i) => `g${i % 3}`) },
    ],
  ];

  test.each(tables)("%s becomes a model that predicts, and a verdict", async (_name, table) => {
    const { model, verdict } = await fitJudgedCommittee(table, OPTIONS, executor, silent);
    const { mse } = evaluate(executor.engine, model, table.features, table.y);
    expect(Number.isFinite(mse)).toBe(true);
    expect(verdict.why).not.toContain("NaN");
  });

  test("of one group is refused in words", async () => {
    const table = { ...steppedTable(30, 7), groups: new Array(30).fill("g") };
    await expect(fitCommitteeModel(table, OPTIONS, executor, silent)).rejects.toMatchObject({
      code: "TOO_FEW_ROWS",
      message: expect.stringContaining("at least 2 groups of rows"),
    });
  });
});

describe("options of a committee", () => {
  test("may leave all but networks out", () => {
    expect(committeeOptions("mlp")).toMatchObject({ families: [] });
    expect(committeeOptions()).toEqual(DEFAULT_COMMITTEE);
  });
});

describe("nets on encoded inputs", () => {
  const namesOf = async (nColumns: number, bins: readonly number[]): Promise<readonly string[]> => {
    const rng = createRng(nColumns);
    const draw = (n: number): Float32Array => Float32Array.from({ length: n }, () => rng.normal());
    const X = matrix(draw(40 * nColumns), 40, nColumns);
    const samples = { X, y: draw(40), weights: null, groups: null };
    const hidden = [[8]];
    const architectures = bins.map((own) => {
      return { activation: "relu", bins: own, hidden } as const;
    });
    const { fit } = OPTIONS;
    const own = { ...fit, tuning: { ...fit.tuning, steps: [5], extendTo: 5 } };
    const found = await tuneNetworks(samples, architectures, own, { executor, progress: silent });
    return found.map(({ name }) => name);
  };

  test("are there once where inputs leave room for one encoding, not at all where for none", async () => {
    expect(await namesOf(3, [4, 8])).toEqual(["ple4", "ple8"]);
    expect(await namesOf(80, [8, 16])).toEqual(["ple8"]);
    expect(await namesOf(171, [8, 16])).toEqual([]);
  });

  test("are kept as plain ones that have learnt", async () => {
    const all = { ...OPTIONS, committee: { ...OPTIONS.committee, keepAll: true } };
    const { fitted, samples } = await fitCommitteeModel(
      steppedTable(150, 5),
      all,
      executor,
      silent,
    );
    const kept = fitted.mixtures.get("net.ple4")!;
    // Of two inputs in four bins each: five hinges that rise, one that falls.
    const sizes = kept.map(({ experts }) => (experts[0] as MlpExpert).net.sizes);
    expect(sizes).toEqual([
      [2, 12, 8, 1],
      [2, 12, 8, 1],
    ]);
    for (const mixture of kept) {
      const { values } = predictMixture(
        executor.engine,
        mixture,
        samples.X,
        targetRange(samples.y),
      );
      const squares = values.map((value, i) => (value - samples.y[i]!) ** 2);
      expect(mean(squares)).toBeLessThan(0.2);
    }
  });
});
