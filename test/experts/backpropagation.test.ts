/**
 * Goal: the reference's gradients are the derivatives of its losses.
 * Method: central differences of the loss, for every activation, loss and depth, on parameters
 * and rows drawn at random; relative error below 1e-6 in 64 bits.
 */
import { describe, expect, test } from "vitest";
import { batchGradient, createPass } from "../../src/experts/backpropagation.ts";
import { type Activation, initNet, type Loss } from "../../src/experts/index.ts";
import { createRng } from "../../src/shared/rng.ts";

const DEPTHS = [
  [3, 1],
  [3, 5, 1],
  [4, 7, 6, 2],
  [2, 3, 4, 5, 3],
];
const STEP = 1e-5;

function setUp(sizes: readonly number[], activation: Activation, loss: Loss) {
  const rng = createRng(7);
  const nRows = 6;
  const nOutputs = sizes.at(-1)!;
  const X = {
    values: Float32Array.from({ length: nRows * sizes[0]! }, () => rng.normal()),
    nRows,
    nColumns: sizes[0]!,
  };
  const targets = Float32Array.from({ length: nRows * nOutputs }, () => rng.uniform());
  if (loss === "cross-entropy") normaliseRows(targets, nOutputs);
  const weights = Float32Array.from({ length: nRows }, () => 0.5 + rng.uniform());
  const fresh = initNet({ sizes, activation }, rng);
  // Away from a bias of exactly 0, where a unit without input would sit on the kink of ReLU.
  const net = { ...fresh, parameters: fresh.parameters.map((p) => p + 0.1 * rng.normal()) };
  return { X, task: { net, loss, targets, weights }, rows: Int32Array.of(0, 3, 3, 5, 1) };
}

/** Targets of cross-entropy are distributions. Modifies `values`. */
function normaliseRows(values: Float32Array, nColumns: number): void {
  for (let start = 0; start < values.length; start += nColumns) {
    const row = values.subarray(start, start + nColumns);
    const total = row.reduce((sum, value) => sum + value, 0);
    for (let j = 0; j < nColumns; j++) row[j]! /= total;
  }
}

describe.each(["tanh", "relu", "silu"] as const)("%s", (activation) => {
  describe.each(["squared-error", "cross-entropy"] as const)("%s", (loss) => {
    test.each(DEPTHS.map((sizes) => [sizes.join("-"), sizes] as const))(
      "gradients of a %s net are central differences",
      (_name, sizes) => {
        const { X, task, rows } = setUp(sizes, activation, loss);
        const pass = createPass(task.net);
        const parameters = Float64Array.from(task.net.parameters);
        const gradient = new Float64Array(parameters.length);
        const unused = new Float64Array(parameters.length);
        batchGradient(pass, parameters, task, { X, rows }, gradient);
        for (let p = 0; p < parameters.length; p++) {
          const lossAt = (value: number): number => {
            const moved = parameters.slice();
            moved[p] = value;
            return batchGradient(pass, moved, task, { X, rows }, unused);
          };
          const slope =
            (lossAt(parameters[p]! + STEP) - lossAt(parameters[p]! - STEP)) / (2 * STEP);
          const scale = Math.max(1e-2, Math.abs(slope), Math.abs(gradient[p]!));
          expect(Math.abs(slope - gradient[p]!) / scale).toBeLessThan(1e-6);
        }
      },
    );
  });
});
