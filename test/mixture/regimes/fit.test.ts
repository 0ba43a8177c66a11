/**
 * Goal: a fit of regimes predicts near the noise on both sides of a jump, keeps outliers out of its
 * experts, and serves as a committee's member; the error of a large ensemble follows from few nets.
 * Method: two linear regimes with a step between them, a few of whose targets are wrong.
 */
import { describe, expect, test } from "vitest";
import { createWasmEngine, type Samples } from "../../../src/experts/index.ts";
import { mean } from "../../../src/metrics/index.ts";
import { ensembleErrors } from "../../../src/mixture/ensemble.ts";
import { createInlineExecutor, fitMixture, PRESETS } from "../../../src/mixture/index.ts";
import { predictMixture } from "../../../src/mixture/predict.ts";
import { growRegimes, planRegimes } from "../../../src/mixture/regimes/index.ts";
import { targetRange } from "../../../src/mixture/samples.ts";
import { createRng } from "../../../src/shared/rng.ts";

const executor = createInlineExecutor(await createWasmEngine());
const NOISE = 0.05;
const settings = { steps: 300, learningRate: 1e-2, weightDecay: 0.05 };
const OPTIONS = {
  ...PRESETS.regimes,
  candidates: [1, 2],
  hidden: [8],
  gate: "tree" as const,
  tuning: { steps: [300], extendTo: 300, learningRates: [1e-2], weightDecays: [0.05] },
};

function stepped(nRows: number, seed: number, nWrong = 0): Samples {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: 2 * nRows }, () => 2 * rng.uniform() - 1);
  const y = Float32Array.from({ length: nRows }, (_, i) => {
    const [a, b] = [values[2 * i]!, values[2 * i + 1]!];
    return (a < 0.1 ? 1 + 0.5 * b : -1 - 0.5 * b) + NOISE * rng.normal();
  });
  for (let w = 0; w < nWrong; w++) y[w] = -y[w]!;
  return { X: { values, nRows, nColumns: 2 }, y, weights: null, groups: null };
}

/** Of rows away from the step: at it a wrong side costs 1,600 times the noise. */
function errorOverNoise(mixture: Parameters<typeof predictMixture>[1], { X, y }: Samples): number {
  const { values } = predictMixture(executor.engine, mixture, X, targetRange(y));
  const away = [...y.keys()].filter((i) => Math.abs(X.values[2 * i]! - 0.1) > 0.05);
  const errors = away.map((i) => (values[i]! - y[i]!) ** 2 / NOISE ** 2);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

describe("two regimes with a step between them", () => {
  test("are predicted near the noise, though some targets are wrong", async () => {
    const fitted = await fitMixture(stepped(400, 1, 12), OPTIONS, executor);
    expect(fitted.mixture.experts.map(({ kind }) => kind)).toEqual(["ridge", "ridge"]);
    expect(fitted.regimes!.boundary!.kind).toBe("tree");
    expect(errorOverNoise(fitted.mixture, stepped(1000, 2))).toBeLessThan(1.5);
    const { rows, errors } = fitted.choice.heldOut;
    expect(new Set(rows).size).toBe(400);
    expect(errors).toHaveLength(400);
  });

  test("an expert answers within the range of its rows' targets", async () => {
    const { mixture } = await fitMixture(stepped(300, 3), OPTIONS, executor);
    for (const range of mixture.ranges!) {
      expect(range!.most - range!.least).toBeLessThan(2);
    }
  });

  test("make a committee's member, again on a part of the rows", async () => {
    const samples = stepped(300, 4);
    const plan = await planRegimes(samples, settings, OPTIONS, executor);
    expect(plan!.divided.nExperts).toBe(2);
    const { base } = await fitMixture(samples, { ...OPTIONS, experts: 1 }, executor);
    const rows = Int32Array.from({ length: 240 }, (_, i) => i);
    const part = {
      ...samples,
      X: { ...samples.X, values: samples.X.values.slice(0, 480), nRows: 240 },
    };
    const own = { ...part, y: samples.y.slice(0, 240) };
    const mixture = await growRegimes(own, { plan: plan!, rows, base }, 5, executor);
    expect(errorOverNoise(mixture!, stepped(1000, 6))).toBeLessThan(1.5);
  });
});

test("one straight line has no regimes to plan for", async () => {
  const { X, ...rest } = stepped(200, 7);
  const y = Float32Array.from({ length: 200 }, (_, i) => X.values[2 * i]!);
  expect(await planRegimes({ ...rest, X, y }, settings, OPTIONS, executor)).toBeNull();
});

test("the error of many nets follows from the spread of a few, as measured on many", () => {
  const rng = createRng(3);
  const y = new Float32Array(4000);
  const nets = Array.from({ length: 40 }, () => Float64Array.from(y, () => 0.3 + rng.normal()));
  const errorOf = (few: number, size: number): number =>
    mean(ensembleErrors(nets.slice(0, few), y, size));
  expect(errorOf(5, 40)).toBeCloseTo(errorOf(40, 40), 1);
  expect(errorOf(1, 1)).toBeCloseTo(1.09, 0);
});
