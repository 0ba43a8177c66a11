/**
 * Goal: the kernel's gradients are the derivatives of the losses, whatever the widths leave over
 * when they are cut into blocks of 8, rows into blocks of 4 and batches into tiles of 32.
 * Method: central differences of the loss computed in 64 bits by the reference's forward pass;
 * every parameter within 1e-4 of its own size or of a hundredth of the largest.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { createPass, forward } from "../../src/experts/backpropagation.ts";
import type { Activation, Loss } from "../../src/experts/index.ts";
import { createKernel, createUploads, type Kernel, startTraining } from "../../src/kernel/index.ts";
import { rowOf } from "../../src/shared/matrix.ts";
import { type Drawn, drawSamples } from "./samples.ts";

const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33];
const DEPTHS = [
  [5, 1],
  [5, 3],
  [4, 1, 1],
  [3, 9, 2, 7, 3],
  [2, 3, 4, 5, 4, 3, 2, 1],
];
const BATCHES = [1, 2, 3, 4, 5, 31, 32, 33, 65];
const STEP = 1e-5;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await createKernel();
});

describe.each(["tanh", "relu", "silu"] as const)("%s", (activation) => {
  describe.each(["squared-error", "cross-entropy"] as const)("%s", (loss) => {
    test.each(WIDTHS)("inputs, a hidden layer and outputs of width %i", (width) => {
      checkGradient([width, width, width], activation, loss, 5);
    });
    test.each(WIDTHS)("a hidden layer of width %i below one output", (width) => {
      checkGradient([3, width, 1], activation, loss, 6);
    });
    test.each(DEPTHS.map((sizes) => [sizes.join("-"), sizes] as const))(
      "layers of widths %s",
      (_name, sizes) => checkGradient(sizes, activation, loss, 7),
    );
    test.each(BATCHES)("a batch of %i rows", (nRows) => {
      checkGradient([2, 3, 2], activation, loss, nRows);
      checkGradient([2, 3, 1], activation, loss, nRows);
    });
  });
});

test("an external loss passes the targets on as the outputs' derivatives", () => {
  const drawn = drawSamples({ sizes: [3, 5, 2], activation: "tanh" }, options("squared-error", 9));
  const rows = Int32Array.from({ length: 9 }, (_, i) => i);
  // Half a squared error has the derivative output − target.
  const outputs = outputsOf(drawn, Float64Array.from(drawn.net.parameters), rows);
  const derivatives = drawn.targets.map((target, t) => outputs[t]! - target);
  const external = kernelGradient({ ...drawn, targets: derivatives }, "external", rows);
  const squared = kernelGradient(drawn, "squared-error", rows);
  external.forEach((g, p) => {
    expect(g).toBeCloseTo(squared[p]!, 5);
  });
});

test("a weight of 2 counts as a row that comes twice, a weight of 0 as one that does not", () => {
  const drawn = drawSamples({ sizes: [3, 5, 1], activation: "tanh" }, options("squared-error", 4));
  const weighted = { ...drawn, weights: Float32Array.of(2, 0, 1, 1) };
  const plain = { ...drawn, weights: Float32Array.of(1, 1, 1, 1) };
  const one = kernelGradient(weighted, "squared-error", Int32Array.of(0, 1, 2, 3));
  const other = kernelGradient(plain, "squared-error", Int32Array.of(0, 0, 2, 3));
  other.forEach((g, p) => {
    expect(g).toBeCloseTo(one[p]!, 6);
  });
});

function options(loss: Loss, nRows: number) {
  return { nRows, loss, seed: 11 };
}

function checkGradient(
  sizes: readonly number[],
  activation: Activation,
  loss: Loss,
  nRows: number,
): void {
  const drawn = drawSamples({ sizes, activation }, options(loss, nRows));
  // One row twice and none in the order of X.
  const rows = Int32Array.from(
    { length: nRows },
    (_, i) => (nRows - 1 - i) % Math.max(1, nRows - 1),
  );
  const gradient = kernelGradient(drawn, loss, rows);
  const parameters = Float64Array.from(drawn.net.parameters);
  const slopes = parameters.map((value, p) => {
    const lossAt = (moved: number): number => {
      parameters[p] = moved;
      return meanLoss(drawn, parameters, loss, rows);
    };
    const slope = (lossAt(value + STEP) - lossAt(value - STEP)) / (2 * STEP);
    parameters[p] = value;
    return slope;
  });
  const largest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 1e-3);
  const worst = slopes.map((slope, p) => {
    return Math.abs(slope - gradient[p]!) / Math.max(Math.abs(slope), largest / 100);
  });
  expect(worst.reduce((most, error) => Math.max(most, error), 0)).toBeLessThan(1e-4);
  expect(gradient).toHaveLength(slopes.length);
}

function kernelGradient(
  { net, X, targets, weights }: Drawn,
  loss: Loss | "external",
  rows: Int32Array,
): Float32Array {
  const uploads = createUploads(kernel);
  const training = startTraining(
    kernel,
    net,
    { loss, batchSize: rows.length },
    {
      X: uploads.upload("X", X.values),
      targets: uploads.upload("targets", targets),
      weights: uploads.upload("weights", weights),
    },
  );
  training.write("parameters", net.parameters);
  training.gradient((out) => out.set(rows));
  const gradient = training.read("gradients");
  training.close();
  uploads.free();
  return gradient;
}

/** Shape (number of rows, nOutputs). */
function outputsOf({ net, X }: Drawn, parameters: Float64Array, rows: Int32Array): Float64Array {
  const pass = createPass(net);
  const nOutputs = net.sizes.at(-1)!;
  const outputs = new Float64Array(rows.length * nOutputs);
  rows.forEach((i, place) => {
    outputs.set(forward(pass, net.activation, parameters, rowOf(X, i)), place * nOutputs);
  });
  return outputs;
}

function meanLoss(drawn: Drawn, parameters: Float64Array, loss: Loss, rows: Int32Array): number {
  const outputs = outputsOf(drawn, parameters, rows);
  const nOutputs = outputs.length / rows.length;
  let sum = 0;
  rows.forEach((i, place) => {
    const output = outputs.subarray(place * nOutputs, (place + 1) * nOutputs);
    const target = drawn.targets.subarray(i * nOutputs, (i + 1) * nOutputs);
    const logTotal = Math.log(output.reduce((total, out) => total + Math.exp(out), 0));
    output.forEach((out, o) => {
      const squared = 0.5 * (out - target[o]!) ** 2;
      const entropy = -target[o]! * (out - logTotal);
      sum += drawn.weights[i]! * (loss === "squared-error" ? squared : entropy);
    });
  });
  return sum / rows.length;
}
