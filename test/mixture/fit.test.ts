/**
 * Goal: a fit finds regimes that are there, keeps to one net where there are none, and repeats.
 * Method: two lines that cross at a step in x (two regimes), one straight line (none), few
 * steps; the routed error is held against the known noise.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../src/data/index.ts";
import { createWasmEngine } from "../../src/experts/index.ts";
import {
  createInlineExecutor,
  DEFAULT_FIT,
  evaluate,
  type FitOptions,
  fitJudgedModel,
  fitModel,
  type Model,
  predict,
  type TrainingTable,
  type Verdict,
} from "../../src/mixture/index.ts";
import { silent } from "../../src/shared/progress.ts";
import { createRng } from "../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const NOISE = 0.05;
const OPTIONS: FitOptions = {
  ...DEFAULT_FIT,
  candidates: [1, 2],
  hidden: [8],
  tuning: { steps: [3000], extendTo: 3000, learningRates: [1e-2], weightDecays: [0.003] },
};

/** y = 3x below 0 and 2 − 3x above: a step of 2 and a change of slope. */
function steppedTable(nRows: number, seed: number): TrainingTable {
  return tableOf(nRows, seed, (x) => (x < 0 ? 3 * x : 2 - 3 * x));
}

function tableOf(nRows: number, seed: number, law: (x: number) => number): TrainingTable {
  const rng = createRng(seed);
  const x = Float64Array.from({ length: nRows }, () => 2 * rng.uniform() - 1);
  const features: Table = { nRows, columns: [{ type: "number", name: "x", values: x }] };
  const y = x.map((value) => law(value) + NOISE * rng.normal());
  return { features, targetName: "y", y, groups: null };
}

describe("two regimes with a step between them", () => {
  let model: Model;
  let verdict: Verdict;
  beforeAll(async () => {
    const judged = await fitJudgedModel(steppedTable(400, 1), OPTIONS, executor, silent);
    model = judged.model;
    verdict = judged.verdict;
  });

  test("are routed to two experts, near the noise, and worth it", () => {
    const [member] = model.members;
    expect(member!.mixture.experts).toHaveLength(2);
    const { features, y } = steppedTable(500, 2);
    const { routes } = predict(executor.engine, model, features);
    expect(new Set(routes[0]!.experts).size).toBe(2);
    expect(evaluate(executor.engine, model, features, y).mse).toBeLessThan(20 * NOISE ** 2);
    expect(verdict.partitioning).toBe("worth it");
  });

  test("predict a row alone as they do among others, to the last bit", () => {
    const { features } = steppedTable(50, 3);
    const all = predict(executor.engine, model, features).values;
    const x = features.columns[0]!.values as Float64Array;
    for (const i of [0, 17, 49]) {
      const alone: Table = {
        nRows: 1,
        columns: [{ type: "number", name: "x", values: x.slice(i, i + 1) }],
      };
      expect(predict(executor.engine, model, alone).values[0]).toBe(all[i]);
    }
  });

  test("answer in the range of the training targets widened by a tenth", () => {
    const far: Table = {
      nRows: 2,
      columns: [{ type: "number", name: "x", values: Float64Array.of(-1e6, 1e6) }],
    };
    const { least, most } = model.preprocessing.target;
    for (const value of predict(executor.engine, model, far).values) {
      expect(value).toBeGreaterThanOrEqual(least);
      expect(value).toBeLessThanOrEqual(most);
    }
  });

  test("report every expert's rows and errors", () => {
    const { features, y } = steppedTable(100, 4);
    const { perExpert, nSamples } = evaluate(executor.engine, model, features, y);
    expect(perExpert.map(({ expert }) => expert)).toEqual(["m0.e0", "m0.e1"]);
    expect(perExpert.reduce((sum, expert) => sum + expert.nSamples, 0)).toBe(nSamples);
  });

  test("are the same again with the same seed, and others with another", async () => {
    const again = await fitModel(steppedTable(400, 1), OPTIONS, executor, silent);
    expect(again.model).toEqual(model);
    const other = await fitModel(steppedTable(400, 1), { ...OPTIONS, seed: 2 }, executor, silent);
    expect(other.model).not.toEqual(model);
  });
});

test("partitioning one straight line is not worth it", async () => {
  const line = tableOf(300, 5, (x) => 2 * x + 1);
  const { verdict, report } = await fitJudgedModel(line, OPTIONS, executor, silent);
  expect(verdict).toMatchObject({ partitioning: "not worth it" });
  expect(report.experts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  const held = report.experts.reduce((sum, { residuals }) => sum + residuals.nSamples, 0);
  expect(held).toBe(4 * 60);
});

test("groups stay whole in every hold-out of a fit", async () => {
  const table = steppedTable(60, 6);
  const groups = Array.from({ length: 60 }, (_, i) => `g${i % 6}`);
  const options = { ...OPTIONS, candidates: [1] };
  const { fitted } = await fitModel({ ...table, groups }, options, executor, silent);
  const { rows } = fitted.choice.heldOut;
  // Four hold-outs, each of the two groups of the first of five folds, whole.
  expect(rows).toHaveLength(80);
  for (let start = 0; start < 80; start += 20) {
    const held = [...rows.slice(start, start + 20)].map((row) => groups[row]);
    expect(new Set(held).size).toBe(2);
  }
});
