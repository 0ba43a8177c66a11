/**
 * Goal: predictions are accurate, a row's answer is its own, and a process that predicts for ever
 * does not grow.
 * Method: functions whose values are known, rows one by one against rows together, and more nets
 * than memory may hold.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Activation, Net } from "../../src/experts/index.ts";
import { createKernel, createPredictor } from "../../src/kernel/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawNet, normals } from "./samples.ts";

const kernel = await createKernel();
const predict = createPredictor(kernel);

/** x -> activation(x), as a net. */
function activationNet(activation: Activation): Net {
  return { sizes: [1, 1, 1], activation, parameters: Float32Array.of(1, 0, 1, 0) };
}

const CURVES = {
  tanh: Math.tanh,
  relu: (x: number) => Math.max(0, x),
  silu: (x: number) => x / (1 + Math.exp(-x)),
};

describe.each(["tanh", "relu", "silu"] as const)("%s", (activation) => {
  test("is exact to 5e-7 of its size from -100 to 100", () => {
    const wide = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 100);
    for (const xs of [wide, wide.map((x) => x / 200)]) {
      const answers = predict(activationNet(activation), xs, xs.length);
      const worst = xs.map((x, i) => {
        const exact = CURVES[activation](x);
        return Math.abs(answers[i]! - exact) / Math.max(1e-3, Math.abs(exact));
      });
      expect(Math.max(...worst)).toBeLessThan(5e-7);
    }
  });

  test("of NaN is NaN, and only in its own row", () => {
    const net = activationNet(activation);
    const answers = predict(net, Float32Array.of(0.5, Number.NaN, 0.5, 0.5, 0.5), 5);
    expect(answers[1]).toBeNaN();
    const [alone] = predict(net, Float32Array.of(0.5), 1);
    expect([0, 2, 3, 4].map((i) => answers[i])).toEqual([alone, alone, alone, alone]);
  });
});

test("a row has the same bits alone and among others, for every shape", () => {
  const shape = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }),
    activation: fc.constantFrom<Activation>("tanh", "relu", "silu"),
  });
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 70 }), (net, nRows) => {
      const rng = createRng(nRows);
      const drawn = drawNet(net, rng);
      const nInputs = net.sizes[0]!;
      const nOutputs = net.sizes.at(-1)!;
      const X = normals(nRows * nInputs, rng);
      const together = predict(drawn, X, nRows);
      for (let i = 0; i < nRows; i++) {
        const alone = predict(drawn, X.subarray(i * nInputs, (i + 1) * nInputs), 1);
        expect(alone).toEqual(together.subarray(i * nOutputs, (i + 1) * nOutputs));
      }
    }),
    { numRuns: 40 },
  );
});

test("more rows than pass at once are all predicted", () => {
  const rng = createRng(2);
  const net = drawNet({ sizes: [1000, 3], activation: "tanh" }, rng);
  const X = normals(200 * 1000, rng);
  const answers = predict(net, X, 200);
  for (const i of [0, 64, 65, 66, 131, 199]) {
    const alone = predict(net, X.subarray(i * 1000, (i + 1) * 1000), 1);
    expect(answers.subarray(3 * i, 3 * i + 3)).toEqual(alone);
  }
});

test("no rows give no answers", () => {
  expect(predict(activationNet("tanh"), new Float32Array(0), 0)).toHaveLength(0);
});

test("memory is bounded however many nets predict, and dropped nets still answer", async () => {
  const own = await createKernel();
  const predictOwn = createPredictor(own);
  const rng = createRng(3);
  const first = drawNet({ sizes: [400, 400, 400, 1], activation: "tanh" }, rng);
  const x = normals(400, rng);
  const [answer] = predictOwn(first, x, 1);
  for (let n = 0; n < 200; n++) {
    predictOwn({ ...first, parameters: first.parameters.map((p) => -p) }, x, 1);
  }
  expect(predictOwn(first, x, 1)[0]).toBe(answer);
  expect(own.arena.usedBytes).toBeLessThan(70 * 2 ** 20);
  expect(own.arena.reservedBytes).toBeLessThan(80 * 2 ** 20);
});

test("a net of the wrong number of parameters is refused and leaves nothing behind", () => {
  const before = kernel.arena.usedBytes;
  const net = { ...activationNet("tanh"), parameters: new Float32Array(3) };
  expect(() => predict(net, Float32Array.of(1), 1)).toThrow("parameters.length must be 4, got 3");
  expect(kernel.arena.usedBytes).toBe(before);
});

test("rows of the wrong length are refused", () => {
  expect(() => predict(activationNet("tanh"), Float32Array.of(1, 2), 1)).toThrow(
    "X.values.length must be 1, got 2",
  );
});
