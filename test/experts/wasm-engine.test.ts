/**
 * Goal: the wasm engine is an engine, in both builds, and keeps what it alone promises: the same
 * bits each time, values checked, memory given back.
 * Method: the shared suite, then its own claims.
 */
import { describe, expect, test } from "vitest";
import { createWasmEngine } from "../../src/experts/wasm-engine.ts";
import { drawSamples } from "../kernel/samples.ts";
import { describeEngine } from "./engine-conformance.ts";

describeEngine("wasm", () => createWasmEngine());
describeEngine("fast wasm", () => createWasmEngine({ fast: true }));

const OPTIONS = {
  steps: 600,
  batchSize: 64,
  learningRate: 1e-2,
  weightDecay: 0.01,
  schedule: "constant",
  warmupSteps: 0,
  clipNorm: 1,
  seed: 3,
} as const;

function draw() {
  const shape = { sizes: [7, 20, 12, 1], activation: "silu" } as const;
  const drawing = { nRows: 100, loss: "squared-error", seed: 2 } as const;
  const { net, X, targets, weights } = drawSamples(shape, drawing);
  const rows = Int32Array.from({ length: 100 }, (_, i) => i);
  const loss = "squared-error" as const;
  return { X, task: { net, loss, targets, rows, weights, options: OPTIONS } };
}

describe("the wasm engine", () => {
  test("gives the same bits from two engines", async () => {
    const { X, task } = draw();
    const [first] = await (await createWasmEngine()).train(X, [task]);
    const [second] = await (await createWasmEngine()).train(X, [task]);
    expect(second).toEqual(first);
  });

  test("stopped and gone on with, gives the bits of one longer run", async () => {
    const { X, task } = draw();
    const engine = await createWasmEngine();
    const run = { ...task, rows: Int32Array.of(5) };
    const [whole] = await engine.train(X, [run]);
    const half = { ...run, options: { ...OPTIONS, steps: 300 } };
    const [first] = await engine.train(X, [half]);
    const [second] = await engine.train(X, [{ ...half, ...first! }]);
    expect(second).toEqual(whole);
  });

  test.each(["X", "targets", "weights"] as const)(
    "refuses %s that are not finite",
    async (name) => {
      const { X, task } = draw();
      const engine = await createWasmEngine();
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const bad = structuredClone({ X: X.values, targets: task.targets, weights: task.weights });
        bad[name][bad[name].length - 1] = value;
        const { targets, weights } = bad;
        await expect(
          engine.train({ ...X, values: bad.X }, [{ ...task, targets, weights }]),
        ).rejects.toMatchObject({
          code: "VALUE_NOT_FINITE",
          message: `${name} must be finite, entry ${bad[name].length - 1} is ${value}`,
        });
      }
    },
  );

  test("refuses moments of another net", async () => {
    const { X, task } = draw();
    const engine = await createWasmEngine();
    const right = new Float32Array(task.net.parameters.length);
    for (const moments of [
      { first: right.subarray(1), second: right, step: 1 },
      { first: right, second: right.subarray(1), step: 1 },
    ]) {
      await expect(engine.train(X, [{ ...task, moments }])).rejects.toMatchObject({
        code: "SHAPE_MISMATCH",
      });
    }
    const moments = { first: right, second: right, step: -1 };
    await expect(engine.train(X, [{ ...task, moments }])).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});
