/**
 * Goal: intervals hold the part of the truths that they promise, in each regime, and come from
 * errors that the model could not have learnt away.
 * Method: two laws known to the model under noise of .2 and 1, with bounds of the beta-binomial
 * counts' six standard deviations; a committee by hand; a small fit, judged on rows of its own.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { Table } from "../../../src/data/index.ts";
import { createWasmEngine, type Net, type Samples } from "../../../src/experts/index.ts";
import {
  type Calibration,
  calibrate,
  calibrateCommittee,
  calibrateMixture,
  createInlineExecutor,
  createIntervals,
  DEFAULT_FIT,
  evaluateIntervals,
  type FitOptions,
  type FittedModel,
  fitModel,
  type Mixture,
  type Model,
  predict,
  predictIntervals,
} from "../../../src/mixture/index.ts";
import { silent } from "../../../src/shared/progress.ts";
import { createRng } from "../../../src/shared/rng.ts";

const engine = await createWasmEngine();
const LEVEL = 0.9;
const NOISE = [0.2, 1] as const;

/** One linear layer of one input. */
function linear(outputs: number, weights: readonly number[], biases: readonly number[]): Net {
  const parameters = Float32Array.from([...weights, ...biases]);
  return { sizes: [1, outputs], activation: "tanh", parameters };
}

/** Knows the laws: −1 below 0 and 1 above; sharp between them. */
const KNOWING: Mixture = {
  experts: [-1, 1].map((law) => ({ kind: "mlp", net: linear(1, [0], [law]) })),
  gate: { kind: "softmax", net: linear(2, [-1e4, 1e4], [0, 0]) },
  recombination: "hard",
};
const TARGET = { name: "y", mean: 10, scale: 2, least: -100, most: 100 };

function modelOf(intervals?: Calibration): Model {
  const feature = { type: "number", name: "x", median: 0, mean: 0, scale: 1 } as const;
  const preprocessing = { features: [{ ...feature, indicator: false }], target: TARGET };
  const members = [{ weight: 1, mixture: KNOWING }];
  return { preprocessing, members, ...(intervals === undefined ? {} : { intervals }) };
}

interface Rows {
  readonly table: Table;
  /** In the target's units. */
  readonly y: Float64Array;
}

function noisyRows(nRows: number, seed: number): Rows {
  const rng = createRng(seed);
  const values = Float64Array.from({ length: nRows }, () => 2 * rng.uniform() - 1);
  const y = values.map((x) => {
    const noise = x < 0 ? NOISE[0] : NOISE[1];
    return TARGET.mean + TARGET.scale * ((x < 0 ? -1 : 1) + noise * rng.normal());
  });
  return { table: { nRows, columns: [{ type: "number", name: "x", values }] }, y };
}

describe("two regimes of different noise", () => {
  const [held, fresh] = [noisyRows(2000, 1), noisyRows(4000, 2)];
  const { values, routes } = predict(engine, modelOf(), held.table);
  const errors = values.map((value, i) => (value - held.y[i]!) / TARGET.scale);
  const { experts } = routes[0]!;
  const byRegime = modelOf(calibrate(errors, experts, 2));
  const global = modelOf({ ...calibrate(errors, experts, 2), regimes: [null, null] });
  const judge = (model: Model) =>
    evaluateIntervals(model, predict(engine, model, fresh.table), fresh.y, LEVEL);

  /** Of the share held, where the level comes from `nErrors` errors. */
  function deviation(nRows: number, nErrors: number): number {
    return Math.sqrt(LEVEL * (1 - LEVEL) * (1 / nRows + 1 / nErrors));
  }

  test("each have the promised coverage with separate errors, and widths like the noise", () => {
    const { perRegime, coverage } = judge(byRegime);
    expect(Math.abs(coverage! - LEVEL)).toBeLessThan(6 * deviation(4000, 2000));
    for (const [k, own] of perRegime.entries()) {
      expect(own).toMatchObject({ expert: `m0.e${k}`, isOwn: true });
      const allowed = 6 * deviation(own.nSamples, own.nErrors);
      expect(Math.abs(own.coverage! - LEVEL)).toBeLessThan(allowed);
      const normal = 2 * 1.645 * NOISE[k]! * TARGET.scale;
      expect(own.meanWidth! / normal).toBeGreaterThan(0.9);
      expect(own.meanWidth! / normal).toBeLessThan(1.1);
    }
  });

  test("one interval for both holds too many truths of the one and too few of the other", () => {
    const { perRegime, coverage } = judge(global);
    expect(Math.abs(coverage! - LEVEL)).toBeLessThan(6 * deviation(4000, 2000));
    const [calm, loud] = perRegime;
    expect(calm).toMatchObject({ isOwn: false, nErrors: 2000 });
    expect(calm!.coverage!).toBeGreaterThan(LEVEL + 6 * deviation(calm!.nSamples, 2000));
    expect(loud!.coverage!).toBeLessThan(LEVEL - 6 * deviation(loud!.nSamples, 2000));
    expect(calm!.coverage!).toBeGreaterThan(calm!.byChance![1]);
    expect(loud!.coverage!).toBeLessThan(loud!.byChance![0]);
  });

  test("rows of a regime that did not come say nothing of it", () => {
    const x = fresh.table.columns[0]!.values as Float64Array;
    const rows = [...x.keys()].filter((i) => x[i]! < 0);
    const left = Float64Array.from(rows, (i) => x[i]!);
    const table: Table = {
      nRows: rows.length,
      columns: [{ type: "number", name: "x", values: left }],
    };
    const y = Float64Array.from(rows, (i) => fresh.y[i]!);
    const { perRegime } = evaluateIntervals(byRegime, predict(engine, byRegime, table), y, LEVEL);
    const nothing = { nSamples: 0, coverage: null, meanWidth: null, byChance: null };
    expect(perRegime[1]).toMatchObject(nothing);
  });
});

test("an interval is the answer and as much on both sides, by the row's regime", () => {
  const errors = Float64Array.from({ length: 200 }, (_, i) => (i < 100 ? i + 1 : 1000));
  const regimes = errors.map((_, i) => (i < 100 ? 0 : 1));
  const model = modelOf(calibrate(errors, regimes, 2));
  const table: Table = {
    nRows: 2,
    columns: [{ type: "number", name: "x", values: Float64Array.of(-1, 1) }],
  };
  const { values, lower, upper } = predictIntervals(engine, model, table, LEVEL);
  // Laws −1 and 1; half widths 91 and 1000; all times 2 and from 10.
  expect([...values]).toEqual([8, 12]);
  expect([...lower]).toEqual([8 - 182, 12 - 2000]);
  expect([...upper]).toEqual([8 + 182, 12 + 2000]);
});

test("a model without held-out errors says so", () => {
  expect(() => createIntervals(modelOf(), LEVEL)).toThrow(
    expect.objectContaining({ code: "INTERVALS_MISSING" }),
  );
});

test("of a row that was held out twice the first error counts", () => {
  const rows = Int32Array.of(1, 0, 1, 2);
  const choice = { heldOut: { rows, errors: Float64Array.of(0.1, -0.2, 9, 0.3) } };
  const fitted = { mixture: KNOWING, choice } as Parameters<typeof calibrateMixture>[1];
  const { pooled, regimes } = calibrateMixture(engine, fitted, samplesOf([-1, 1, 1]));
  expect(pooled).toEqual({ nErrors: 3, sizes: Float64Array.of(0.1, 0.2, 0.3) });
  expect(regimes).toHaveLength(2);
});

test("of copies of a row the one that was held out first counts", () => {
  const rows = Int32Array.of(2, 0, 1);
  const choice = { heldOut: { rows, errors: Float64Array.of(0.3, -0.2, 9) } };
  const fitted = { mixture: KNOWING, choice } as Parameters<typeof calibrateMixture>[1];
  const copies = { firsts: Int32Array.of(0, 1, 1) };
  const { pooled } = calibrateMixture(engine, fitted, samplesOf([-1, 1, 1]), copies);
  expect(pooled).toEqual({ nErrors: 2, sizes: Float64Array.of(0.2, 0.3) });
});

describe("a committee", () => {
  const single: Mixture = { experts: [KNOWING.experts[0]!], gate: null, recombination: "smooth" };
  const n = 240;
  const x = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1 : 1));
  const heldOut = {
    rows: Int32Array.from({ length: n }, (_, i) => i),
    y: new Float64Array(n),
    folds: new Int32Array(n),
    answers: new Map([
      ["net.tanh", new Float64Array(n).fill(1)],
      ["regimes", Float64Array.from(x, (value) => (value < 0 ? 3 : 5))],
    ] as const),
  };
  const weights = [
    { kind: "net.tanh", weight: 0.5 },
    { kind: "regimes", weight: 0.5 },
  ] as const;

  test("errs by what its members say together, in the regimes of its weightiest gate", () => {
    const members = [
      { weight: 0.5, mixture: single },
      { weight: 0.2, mixture: KNOWING },
      { weight: 0.3, mixture: KNOWING },
    ];
    const { member, regimes, pooled } = calibrateCommittee(
      engine,
      { members, heldOut, weights },
      samplesOf(x),
    );
    expect(member).toBe(2);
    expect(pooled.nErrors).toBe(n);
    expect(regimes.map((own) => own!.sizes[0])).toEqual([2, 3]);
  });

  test("without a gate is one regime", () => {
    const members = [{ weight: 1, mixture: single }];
    const fitted = { members, heldOut, weights };
    const { member, regimes } = calibrateCommittee(engine, fitted, samplesOf(x));
    expect([member, regimes.length]).toEqual([0, 1]);
  });
});

function samplesOf(x: readonly number[]): Samples {
  const X = { values: Float32Array.from(x), nRows: x.length, nColumns: 1 };
  return { X, y: new Float32Array(x.length), weights: null, groups: null };
}

describe("a fit", () => {
  const OPTIONS: FitOptions = {
    ...DEFAULT_FIT,
    experts: 2,
    hidden: [8],
    tuning: { steps: [1000], extendTo: 1000, learningRates: [1e-2], weightDecays: [0.003] },
  };
  let fitted: FittedModel;
  beforeAll(async () => {
    const { table, y } = noisyRows(1200, 3);
    const training = { features: table, targetName: "y", y, groups: null };
    fitted = await fitModel(training, OPTIONS, createInlineExecutor(engine), silent);
  });

  test("keeps an error of each row that it held out", () => {
    const { intervals } = fitted.model;
    expect(intervals!.pooled.nErrors).toBe(new Set(fitted.fitted.choice.heldOut.rows).size);
    expect(intervals!.regimes).toHaveLength(fitted.model.members[0]!.mixture.experts.length);
  });

  test("has about the promised coverage on new rows, wider at a higher level", () => {
    const { table, y } = noisyRows(2000, 4);
    const prediction = predict(engine, fitted.model, table);
    const at = (level: number) => evaluateIntervals(fitted.model, prediction, y, level);
    // 240 errors: a standard deviation of .02.
    expect(Math.abs(at(0.9).coverage! - 0.9)).toBeLessThan(0.1);
    expect(at(0.95).meanWidth!).toBeGreaterThan(at(0.8).meanWidth!);
  });
});
