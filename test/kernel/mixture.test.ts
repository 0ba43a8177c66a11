/**
 * Goal: experts and gate can be trained together on the likelihood of their mixture.
 * Method: a worked example, central differences of −log likelihood, and a descent by the kernel.
 */
import { expect, test } from "vitest";
import type { Net } from "../../src/experts/index.ts";
import {
  createKernel,
  createPredictor,
  createUploads,
  mixtureDerivatives,
  startTraining,
} from "../../src/kernel/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawNet, normals } from "./samples.ts";

interface Outputs {
  readonly experts: readonly ArrayLike<number>[];
  readonly gate: ArrayLike<number>;
}

/** Σ_i −log Σ_k softmax(gate)_k exp(−e_k² / 2σ²), constants left out. */
function mixtureLoss({ experts, gate }: Outputs, y: Float32Array, variance: number): number {
  let loss = 0;
  y.forEach((target, i) => {
    const outputs = Array.from(gate).slice(i * experts.length, (i + 1) * experts.length);
    const total = outputs.reduce((sum, output) => sum + Math.exp(output), 0);
    const likelihoods = experts.map((expert, k) => {
      return (
        (Math.exp(outputs[k]!) / total) * Math.exp(-((expert[i]! - target) ** 2) / (2 * variance))
      );
    });
    loss -= Math.log(likelihoods.reduce((a, b) => a + b));
  });
  return loss;
}

test("two experts, an even gate, one of them right", () => {
  const outputs = {
    experts: [Float32Array.of(1), Float32Array.of(3)],
    gate: Float32Array.of(0, 0),
  };
  const { experts, gate } = mixtureDerivatives(outputs, Float32Array.of(1), 2);
  // r₂ / r₁ = exp(−2² / (2 · 2)) = 1 / e.
  const second = 1 / (1 + Math.E);
  expect(experts[0]![0]).toBe(0);
  expect(experts[1]![0]).toBeCloseTo(2 * second, 6);
  expect(gate[0]).toBeCloseTo(0.5 - (1 - second), 6);
  expect(gate[1]).toBeCloseTo(0.5 - second, 6);
});

test("the derivatives are central differences of the likelihood", () => {
  const rng = createRng(4);
  const [nRows, nExperts, variance, step] = [7, 3, 0.7, 1e-5];
  const y = normals(nRows, rng);
  const experts = Array.from({ length: nExperts }, () => normals(nRows, rng));
  const gate = normals(nRows * nExperts, rng);
  const derivatives = mixtureDerivatives({ experts, gate }, y, variance);
  const exact = {
    experts: experts.map((values) => Float64Array.from(values)),
    gate: Float64Array.from(gate),
  };
  const check = (values: Float64Array, derivative: Float32Array, scale: number): void => {
    values.forEach((value, v) => {
      values[v] = value + step;
      const above = mixtureLoss(exact, y, variance);
      values[v] = value - step;
      const slope = (above - mixtureLoss(exact, y, variance)) / (2 * step);
      values[v] = value;
      expect(derivative[v]! / scale).toBeCloseTo(slope, 5);
    });
  };
  for (const k of experts.keys()) check(exact.experts[k]!, derivatives.experts[k]!, variance);
  check(exact.gate, derivatives.gate, 1);
});

test("a row far from every expert still has responsibilities", () => {
  const outputs = {
    experts: [Float32Array.of(1e4), Float32Array.of(2e4)],
    gate: Float32Array.of(0, 0),
  };
  const { experts } = mixtureDerivatives(outputs, Float32Array.of(0), 1e-4);
  expect(experts.map((derivative) => derivative[0])).toEqual([1e4, 0]);
});

test("descending them by the kernel separates two lines that cross", async () => {
  const kernel = await createKernel();
  const predict = createPredictor(kernel);
  const rng = createRng(9);
  const nRows = 256;
  const X = normals(nRows, rng);
  const y = X.map((x) => (x > 0 ? x : -2 * x));
  const line = { sizes: [1, 1], activation: "tanh" } as const;
  const nets = [drawNet(line, rng), drawNet(line, rng), drawNet({ ...line, sizes: [1, 2] }, rng)];
  const losses: number[] = [];
  const uploads = createUploads(kernel);
  const allRows = Int32Array.from(X.keys());
  const memories = nets.map((net) => {
    const targets = kernel.arena.allocate(4 * nRows * net.sizes.at(-1)!).address;
    const options = { loss: "external", batchSize: nRows } as const;
    const samples = { X: uploads.upload("X", X), targets, weights: 0 };
    const training = startTraining(kernel, net, options, samples);
    training.write("parameters", net.parameters);
    return { training, targets };
  });
  for (let count = 1; count <= 300; count++) {
    const now = nets.map((net, n): Net => {
      return { ...net, parameters: memories[n]!.training.read("parameters") };
    });
    const outputs = {
      experts: [predict(now[0]!, X, nRows), predict(now[1]!, X, nRows)],
      gate: predict(now[2]!, X, nRows),
    };
    losses.push(mixtureLoss(outputs, y, 0.05) / nRows);
    const { experts, gate } = mixtureDerivatives(outputs, y, 0.05);
    [...experts, gate].forEach((derivative, n) => {
      const { training, targets } = memories[n]!;
      kernel.arena.floats().set(derivative, targets / 4);
      const rates = { learningRate: 0.05, weightDecay: 0, clipNorm: 5, count };
      training.step([rates], (rows) => rows.set(allRows));
    });
  }
  expect(losses.at(-1)!).toBeLessThan(0.1);
  expect(losses.at(-1)!).toBeLessThan(losses[0]! / 10);
});
