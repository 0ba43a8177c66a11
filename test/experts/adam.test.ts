/**
 * Goal: the optimiser takes the steps that its sources define.
 * Method: figures of PyTorch 1.13's AdamW in float64 for the same parameters and gradients:
 *   AdamW([{params: [w], weight_decay: 0.2}, {params: [b], weight_decay: 0}], lr=0.1, eps=1e-8)
 *   w = 1, b = -2; (w.grad, b.grad) = (0.5, -0.25), (0.1, 0.4), (-0.3, 0.2), a step each.
 */
import { expect, test } from "vitest";
import { adamStep, clipGradient, learningRateAt } from "../../src/experts/adam.ts";

const SHAPE = { sizes: [1, 1], activation: "tanh" } as const;
const OPTIONS = {
  steps: 100,
  batchSize: 1,
  learningRate: 0.1,
  weightDecay: 0,
  schedule: "cosine",
  warmupSteps: 10,
  clipNorm: 1,
  seed: 1,
} as const;

test("three steps on one weight and one bias are those of AdamW", () => {
  const state = {
    parameters: Float64Array.of(1, -2),
    first: new Float64Array(2),
    second: new Float64Array(2),
    step: 0,
  };
  const gradients = [
    [0.5, -0.25],
    [0.1, 0.4],
    [-0.3, 0.2],
  ];
  for (const gradient of gradients) {
    const rate = { learningRate: 0.1, weightDecay: 0.2 };
    adamStep(state, SHAPE, Float64Array.from(gradient), rate);
  }
  expect(state.parameters[0]).toBeCloseTo(0.745382693596615, 12);
  expect(state.parameters[1]).toBeCloseTo(-1.9722099168430411, 12);
});

test("the cosine schedule warms up, falls and ends at two thousandths", () => {
  expect(learningRateAt(OPTIONS, 0)).toBeCloseTo(0.1 * 0.1 * 1.002, 12);
  expect(learningRateAt(OPTIONS, 50)).toBeCloseTo(0.1 * (0.5 + 0.002), 12);
  expect(learningRateAt({ ...OPTIONS, warmupSteps: 0 }, 100)).toBeCloseTo(0.1 * 0.002, 12);
  expect(learningRateAt({ ...OPTIONS, schedule: "constant" }, 60)).toBe(0.1);
});

test("a gradient longer than the norm is scaled to it, a shorter one left", () => {
  const long = Float64Array.of(3, 4);
  clipGradient(long, 1);
  expect([...long]).toEqual([0.6000000000000001, 0.8]);
  const short = Float64Array.of(0.3, 0.4);
  clipGradient(short, 1);
  expect([...short]).toEqual([0.3, 0.4]);
});
