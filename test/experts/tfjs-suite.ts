/**
 * What the tfjs engine promises on every backend: that it is an engine, stacks tasks without mixing
 * them, and gives back every tensor.
 */
import { describe, expect, test } from "vitest";
import {
  type Activation,
  createReferenceEngine,
  type Loss,
  type TrainedNet,
  type TrainOptions,
  type TrainTask,
} from "../../src/experts/index.ts";
import { runOn, startBackend } from "../../src/experts/tfjs-backend.ts";
import { createTfjsEngine, type TfjsEngineOptions } from "../../src/experts/tfjs-engine.ts";
import { openStack } from "../../src/experts/tfjs-stack.ts";
import type { Matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawNet, drawSamples, relativeDifference } from "../kernel/samples.ts";
import { describeEngine, type SizeEffect } from "./engine-conformance.ts";

const N_ROWS = 96;
const OPTIONS: TrainOptions = {
  steps: 60,
  batchSize: 32,
  learningRate: 5e-3,
  weightDecay: 0.01,
  schedule: "cosine",
  warmupSteps: 10,
  clipNorm: 1,
  seed: 3,
};

interface Drawing {
  readonly sizes?: readonly number[];
  readonly activation?: Activation;
  readonly loss?: Loss;
}

export function draw({
  sizes = [5, 12, 8, 2],
  activation = "tanh",
  loss = "squared-error",
}: Drawing = {}): { readonly X: Matrix; readonly task: TrainTask } {
  const shape = { sizes, activation };
  const { net, X, targets, weights } = drawSamples(shape, { nRows: N_ROWS, loss, seed: 6 });
  const rows = Int32Array.from({ length: N_ROWS }, (_, i) => i);
  return { X, task: { net, loss, targets, rows, weights, options: OPTIONS } };
}

/** Tasks of one stack that differ in all that may differ within one. */
function drawStack(): { readonly X: Matrix; readonly tasks: readonly TrainTask[] } {
  const { X, task } = draw();
  const parameters = task.net.parameters.map((p) => p / 100);
  const size = parameters.length;
  const tasks: TrainTask[] = [
    task,
    { ...task, net: drawNet(task.net, createRng(1)), weights: null },
    { ...task, targets: task.targets.map((t) => 50 * t), rows: Int32Array.of(4, 90, 17) },
    { ...task, weights: task.weights!.map((w, i) => (i % 2) * w) },
    {
      ...task,
      moments: { first: parameters, second: new Float32Array(size).fill(1e-3), step: 70 },
    },
    {
      ...task,
      options: { ...OPTIONS, learningRate: 0.02, weightDecay: 0.3, warmupSteps: 0, clipNorm: 0.05 },
    },
    { ...task, options: { ...OPTIONS, seed: -5, clipNorm: Number.POSITIVE_INFINITY } },
  ];
  return { X, tasks };
}

/**
 * @param options - Which package the engine is to run on.
 * @param sizeEffect - What a task ends with, in a stack and alone.
 */
export function describeTfjs(
  name: string,
  options: TfjsEngineOptions,
  sizeEffect: SizeEffect = "same bits",
): void {
  describeEngine(`tfjs ${name}`, () => createTfjsEngine(options), sizeEffect);
  describe(`the tfjs engine on ${name}`, () => describeStack(options, sizeEffect));
}

function describeStack(options: TfjsEngineOptions, sizeEffect: SizeEffect): void {
  const expectSame = (stacked: TrainedNet, alone: TrainedNet) => {
    if (sizeEffect === "same bits") return expect(stacked).toEqual(alone);
    expect(stacked.moments.step).toBe(alone.moments.step);
    const apart = relativeDifference(stacked.net.parameters, alone.net.parameters);
    expect(apart).toBeLessThan(1e-5);
  };

  test.each([
    ["tanh", "squared-error"],
    ["silu", "squared-error"],
    ["tanh", "cross-entropy"],
    ["silu", "cross-entropy"],
  ] as const)("%s, %s: 20 epochs end within 1e-4 of the reference", async (activation, loss) => {
    const { X, task } = draw({ activation, loss });
    expect((OPTIONS.steps * OPTIONS.batchSize) / N_ROWS).toBe(20);
    const [expected] = await createReferenceEngine().train(X, [task]);
    const [trained] = await (await createTfjsEngine(options)).train(X, [task]);
    expect(relativeDifference(trained!.net.parameters, expected!.net.parameters)).toBeLessThan(
      1e-4,
    );
    expect(task.net.parameters).not.toEqual(trained!.net.parameters);
  });

  test("each task of a stack ends where the reference ends, and where it ends alone", async () => {
    const { X, tasks } = drawStack();
    const engine = await createTfjsEngine(options);
    const expected = await createReferenceEngine().train(X, tasks);
    const trained = await engine.train(X, tasks);
    for (const [k, task] of tasks.entries()) {
      const [own, reference] = [trained[k]!, expected[k]!];
      const apart = relativeDifference(own.net.parameters, reference.net.parameters);
      expect(apart, `task ${k}`).toBeLessThan(1e-4);
      expect(own.moments.step).toBe(reference.moments.step);
      const [alone] = await engine.train(X, [task]);
      expectSame(own, alone!);
    }
  });

  test("a list of several shapes comes back in its order", async () => {
    const { X, task } = draw();
    const other = draw({ sizes: [5, 9, 2] }).task;
    const silu = { ...task, net: { ...task.net, activation: "silu" as const } };
    const longer = { ...task, options: { ...OPTIONS, steps: 61 } };
    const tasks = [task, other, silu, task, longer, other];
    const engine = await createTfjsEngine(options);
    const trained = await engine.train(X, tasks);
    for (const [k, each] of tasks.entries()) {
      const [alone] = await engine.train(X, [each]);
      expectSame(trained[k]!, alone!);
    }
  });

  test("the number of tensors is flat over 1,000 steps", async () => {
    const { X, tasks } = drawStack();
    const device = await startBackend(options.backend, options.importPackage);
    runOn(device, () => {
      const { tf } = device;
      const before = tf.memory().numTensors;
      const samples = tf.tensor(X.values, [X.nRows, X.nColumns]);
      const stack = openStack(tf, samples, tasks);
      const held = tf.memory().numTensors;
      for (let s = 0; s < 1000; s++) {
        stack.takeStep(s % OPTIONS.steps);
        expect(tf.memory().numTensors).toBe(held);
      }
      stack.close();
      tf.dispose(samples);
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  test("training, predicting and failing leave no tensor behind", async () => {
    const { X, tasks } = drawStack();
    const engine = await createTfjsEngine(options);
    const device = await startBackend(options.backend, options.importPackage);
    const count = () => runOn(device, () => device.tf.memory().numTensors);
    const before = count();
    await engine.train(X, tasks);
    engine.predict(tasks[0]!.net, X);
    const unreadable = new Proxy(tasks[0]!, {
      get: (task, name) => {
        if (name === "moments") throw new Error("no moments");
        return Reflect.get(task, name);
      },
    });
    await expect(engine.train(X, [tasks[0]!, unreadable])).rejects.toThrow("no moments");
    expect(count()).toBe(before);
  });

  test.each(["X", "targets", "weights"] as const)("refuses %s that is not finite", async (name) => {
    const { X, task } = draw();
    const engine = await createTfjsEngine(options);
    const bad = structuredClone({ X: X.values, targets: task.targets, weights: task.weights! });
    bad[name][3] = Number.NaN;
    const { targets, weights } = bad;
    await expect(
      engine.train({ ...X, values: bad.X }, [{ ...task, targets, weights }]),
    ).rejects.toMatchObject({
      code: "VALUE_NOT_FINITE",
      message: `${name} must be finite, entry 3 is NaN`,
    });
  });

  test("refuses moments of another net", async () => {
    const { X, task } = draw();
    const engine = await createTfjsEngine(options);
    const moments = { first: new Float32Array(2), second: new Float32Array(2), step: 1 };
    await expect(engine.train(X, [{ ...task, moments }])).rejects.toMatchObject({
      code: "SHAPE_MISMATCH",
    });
  });
}
