/**
 * What every engine must do, whatever it computes with: one suite that all of them run.
 *
 * Figures are compared with the reference engine, whose gradients and optimiser have evidence of
 * their own (backpropagation.test.ts, adam.test.ts). Called on the reference itself, that part
 * holds trivially and the others do not.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Activation,
  createReferenceEngine,
  type Engine,
  isFiniteNet,
  type Loss,
  type TrainedNet,
  type TrainOptions,
  type TrainTask,
} from "../../src/experts/index.ts";
import { type Matrix, rowOf, takeRows } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawMatrix, drawNet, drawSamples, relativeDifference } from "../kernel/samples.ts";

const OPTIONS: TrainOptions = {
  steps: 300,
  batchSize: 37,
  learningRate: 3e-3,
  weightDecay: 0.01,
  schedule: "cosine",
  warmupSteps: 20,
  clipNorm: 1,
  seed: 4,
};

const SIZES = [
  [3, 1],
  [10, 32, 32, 1],
  [6, 7, 4],
  [5, 9, 3, 11, 2],
  [1, 1, 1],
  [4, 17, 1],
];

const NAMED_SIZES = SIZES.map((sizes) => [sizes.join("-"), sizes] as const);

interface Drawing {
  readonly sizes: readonly number[];
  readonly activation?: Activation;
  readonly loss?: Loss;
}

function drawTask(
  { sizes, activation = "tanh", loss = "squared-error" }: Drawing,
  options: Partial<TrainOptions> = {},
): { readonly X: Matrix; readonly task: TrainTask } {
  const nRows = 90;
  const { net, X, targets, weights } = drawSamples({ sizes, activation }, { nRows, loss, seed: 8 });
  const rows = Int32Array.from({ length: 80 }, (_, i) => nRows - 1 - i);
  return { X, task: { net, loss, targets, rows, weights, options: { ...OPTIONS, ...options } } };
}

/**
 * What one answer ends with where it is computed among others and alone: the same bits, or bits that
 * differ by rounding, as where kernels choose their routine by the size of an array.
 */
export type SizeEffect = "same bits" | "rounding";

/** Runs the suite. `create` is called once. */
export function describeEngine(
  name: string,
  create: () => Engine | Promise<Engine>,
  sizeEffect: SizeEffect = "same bits",
): void {
  describe(`the ${name} engine`, () => {
    const under = { engine: undefined as Engine | undefined };
    beforeAll(async () => {
      under.engine = await create();
    });
    const engine = (): Engine => under.engine!;
    const trainOne = async (X: Matrix, task: TrainTask): Promise<TrainedNet> => {
      return (await engine().train(X, [task]))[0]!;
    };
    describeFigures(trainOne);
    describeTraining(engine, trainOne, sizeEffect);
    describePrediction(engine, sizeEffect);
    describeRefusals(engine);
  });
}

type TrainOne = (X: Matrix, task: TrainTask) => Promise<TrainedNet>;

function describeFigures(trainOne: TrainOne): void {
  async function expectReference(X: Matrix, task: TrainTask): Promise<void> {
    const [expected] = await createReferenceEngine().train(X, [task]);
    const trained = await trainOne(X, task);
    expectSame(trained, expected!, { parameters: 1e-4, moments: 1e-3 });
  }

  test("one step on one row, by hand", async () => {
    // f = 0.5 · 2 = 1, target 3: the gradient is −2 · 2 by the weight and −2 by the bias. Adam's
    // first step is the learning rate along the sign, whatever the size; decay takes lr · d · w.
    const trained = await trainOne(
      { values: Float32Array.of(2), nRows: 1, nColumns: 1 },
      {
        net: { sizes: [1, 1], activation: "tanh", parameters: Float32Array.of(0.5, 0) },
        loss: "squared-error",
        targets: Float32Array.of(3),
        rows: Int32Array.of(0),
        weights: null,
        options: {
          ...OPTIONS,
          steps: 1,
          batchSize: 1,
          schedule: "constant",
          learningRate: 0.1,
          warmupSteps: 0,
          weightDecay: 0.2,
          clipNorm: 100,
        },
      },
    );
    expect(trained.net.parameters[0]).toBeCloseTo(0.5 + 0.1 - 0.1 * 0.2 * 0.5, 6);
    expect(trained.net.parameters[1]).toBeCloseTo(0.1, 6);
    expect(trained.moments.first[0]).toBeCloseTo(0.1 * -4, 6);
    expect(trained.moments.second[0]).toBeCloseTo(0.001 * 16, 6);
    expect(trained.moments.step).toBe(1);
  });

  describe.each(["squared-error", "cross-entropy"] as const)("%s", (loss) => {
    describe.each(["tanh", "silu"] as const)("%s", (activation) => {
      test.each(NAMED_SIZES)(
        "300 steps of a %s net end where the reference ends",
        (_name, sizes) => {
          const { X, task } = drawTask({ sizes, activation, loss });
          return expectReference(X, task);
        },
      );
    });

    // Training with ReLU draws units to their kinks: a row 1e-7 to either side of one gives another
    // gradient, so that two roundings of one run part. Single steps from the same state do not.
    test.each(NAMED_SIZES)(
      "relu: every step of a %s net is the reference's",
      async (_name, sizes) => {
        const { X, task } = drawTask({ sizes, activation: "relu", loss });
        const reference = createReferenceEngine();
        const once = { ...OPTIONS, steps: 1, warmupSteps: 0 };
        let state: Pick<TrainTask, "net" | "moments"> = { net: task.net };
        for (let seed = 0; seed < 60; seed++) {
          const step = { ...task, ...state, options: { ...once, seed } };
          const [expected] = await reference.train(X, [step]);
          const trained = await trainOne(X, step);
          expectSame(trained, expected!, { parameters: 1e-5, moments: 1e-4 });
          state = trained;
        }
      },
    );
  });

  test.each<[string, Partial<TrainOptions>]>([
    ["without weight decay", { weightDecay: 0 }],
    ["with strong weight decay", { weightDecay: 1 }],
    ["on a constant schedule", { schedule: "constant" }],
    ["without warm-up", { warmupSteps: 0 }],
    ["without clipping", { clipNorm: Number.POSITIVE_INFINITY }],
    ["with every step clipped", { clipNorm: 0.01 }],
    ["on batches of one row", { batchSize: 1 }],
    ["on batches of more rows than there are", { batchSize: 200, steps: 50 }],
    ["on another seed", { seed: -12_345 }],
  ])("%s, training ends where the reference ends", (_name, options) => {
    const { X, task } = drawTask({ sizes: [5, 8, 8, 1] }, options);
    return expectReference(X, task);
  });

  test("without row weights, training ends where the reference ends", () => {
    const { X, task } = drawTask({ sizes: [5, 8, 8, 1] });
    return expectReference(X, { ...task, weights: null });
  });

  test("from given moments, training ends where the reference ends", async () => {
    const { X, task } = drawTask({ sizes: [5, 8, 8, 1] });
    const [first] = await createReferenceEngine().train(X, [task]);
    await expectReference(X, { ...task, ...first! });
  });
}

/** Compares two results of a task, each array beside its largest value. */
function expectSame(
  trained: TrainedNet,
  expected: TrainedNet,
  within: { readonly parameters: number; readonly moments: number },
): void {
  const { net, moments } = expected;
  const difference = relativeDifference(trained.net.parameters, net.parameters);
  expect(difference, "parameters").toBeLessThan(within.parameters);
  for (const name of ["first", "second"] as const) {
    const apart = relativeDifference(trained.moments[name], moments[name]);
    expect(apart, name).toBeLessThan(within.moments);
  }
  expect(trained.moments.step).toBe(moments.step);
  expect(trained.net.sizes).toEqual(net.sizes);
  expect(trained.net.activation).toBe(net.activation);
}

function describeTraining(engine: () => Engine, trainOne: TrainOne, sizeEffect: SizeEffect): void {
  test("the same task ends the same, alone or in a list", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const other = { ...task, options: { ...task.options, seed: 99 } };
    const alone = await trainOne(X, task);
    const [first, second, third] = await engine().train(X, [task, other, task]);
    for (const trained of [first!, third!]) {
      if (sizeEffect === "same bits") expect(trained).toEqual(alone);
      else expectSame(trained, alone, { parameters: 1e-5, moments: 1e-4 });
    }
    expect(second!.net.parameters).not.toEqual(alone.net.parameters);
  });

  test("an empty list trains nothing", async () => {
    expect(await engine().train(drawTask({ sizes: [2, 1] }).X, [])).toEqual([]);
  });

  test("no steps give back the net and its moments", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const { net, moments } = await trainOne(X, { ...task, options: { ...OPTIONS, steps: 0 } });
    expect(net).toEqual(task.net);
    expect(net.parameters).not.toBe(task.net.parameters);
    expect(moments.first.every((value) => value === 0)).toBe(true);
    expect(moments.step).toBe(0);
  });

  test("stopping and going on with the moments is one longer run", async () => {
    // On one row, so that the order of rows is the same.
    const { X, task } = drawTask({ sizes: [6, 12, 2] }, { schedule: "constant", warmupSteps: 0 });
    const run = { ...task, rows: Int32Array.of(7) };
    const whole = await trainOne(X, { ...run, options: { ...run.options, steps: 100 } });
    const first = await trainOne(X, { ...run, options: { ...run.options, steps: 40 } });
    const second = await trainOne(X, { ...run, ...first, options: { ...run.options, steps: 60 } });
    expect(second.moments.step).toBe(100);
    const difference = relativeDifference(second.net.parameters, whole.net.parameters);
    expect(difference).toBeLessThan(1e-5);
  });

  test("what is trained on is left as it was", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const moments = (await trainOne(X, task)).moments;
    const run = { ...task, moments };
    const before = structuredClone({ X, run });
    await trainOne(X, run);
    expect({ X, run }).toEqual(before);
  });

  test("rows that are not listed, and rows of weight 0, teach nothing", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const weights = task.weights!.slice();
    weights[50] = 0;
    const trained = await trainOne(X, { ...task, weights });
    const targets = task.targets.slice();
    targets[50] = 1e6;
    targets[0] = 1e6;
    expect(task.rows).not.toContain(0);
    expect(await trainOne(X, { ...task, weights, targets })).toEqual(trained);
  });

  test("a net that diverges comes back not finite", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] }, { learningRate: 1e300, steps: 20 });
    expect(isFiniteNet((await trainOne(X, task)).net)).toBe(false);
  });

  test("a straight line is learnt", async () => {
    const X = drawMatrix(200, 3, createRng(1));
    const targets = Float32Array.from({ length: 200 }, (_, i) => {
      const [a, b, c] = rowOf(X, i);
      return 2 * a! - b! + 0.5 * c! + 3;
    });
    const { net } = drawTask({ sizes: [3, 1] }).task;
    const rows = Int32Array.from({ length: 200 }, (_, i) => i);
    const options = { ...OPTIONS, steps: 2000, learningRate: 0.05, weightDecay: 0 };
    const task = { net, loss: "squared-error", targets, rows, weights: null, options } as const;
    const answers = engine().predict((await trainOne(X, task)).net, X);
    expect(relativeDifference(answers, targets)).toBeLessThan(1e-3);
  });
}

function describePrediction(engine: () => Engine, sizeEffect: SizeEffect): void {
  test("predictions are the reference's, for any shape", () => {
    const shape = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 }),
      activation: fc.constantFrom<Activation>("tanh", "relu", "silu"),
    });
    const reference = createReferenceEngine();
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 40 }), (net, nRows) => {
        const rng = createRng(nRows);
        const drawn = drawNet(net, rng);
        const X = drawMatrix(nRows, net.sizes[0]!, rng);
        const answers = engine().predict(drawn, X);
        expect(relativeDifference(answers, reference.predict(drawn, X))).toBeLessThan(1e-5);
      }),
      { numRuns: 30 },
    );
  });

  test("a row has the same answer alone, among others and in another order", () => {
    const expectEqual = (answers: Float32Array, own: Float32Array) => {
      if (sizeEffect === "same bits") expect(answers).toEqual(own);
      else expect(relativeDifference(answers, own)).toBeLessThan(1e-6);
    };
    const { X, task } = drawTask({ sizes: [6, 12, 3] });
    const together = engine().predict(task.net, X);
    const order = Int32Array.from({ length: X.nRows }, (_, i) => (i * 7) % X.nRows);
    const shuffled = engine().predict(task.net, takeRows(X, order));
    order.forEach((i, place) => {
      const own = together.subarray(3 * i, 3 * i + 3);
      expectEqual(shuffled.subarray(3 * place, 3 * place + 3), own);
      expectEqual(engine().predict(task.net, takeRows(X, [i])), own);
    });
  });

  test("a net answers the same after others have been trained and have answered", async () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const before = engine().predict(task.net, X);
    const [trained] = await engine().train(X, [task]);
    expect(engine().predict(trained!.net, X)).not.toEqual(before);
    expect(engine().predict(task.net, X)).toEqual(before);
  });

  test("no rows give no answers", () => {
    const { task } = drawTask({ sizes: [6, 12, 3] });
    const none = { values: new Float32Array(0), nRows: 0, nColumns: 6 };
    expect(engine().predict(task.net, none)).toHaveLength(0);
  });

  test("a net that is not finite answers, and not with a finite number", () => {
    const { X, task } = drawTask({ sizes: [6, 12, 1] });
    const parameters = task.net.parameters.map(() => Number.NaN);
    const answers = engine().predict({ ...task.net, parameters }, X);
    expect(answers.some(Number.isFinite)).toBe(false);
  });
}

function describeRefusals(engine: () => Engine): void {
  const { X, task } = drawTask({ sizes: [6, 12, 1] });
  const { net, options } = task;
  test.each<[string, string, Partial<TrainTask>]>([
    ["too few parameters", "SHAPE_MISMATCH", { net: { ...net, parameters: new Float32Array(3) } }],
    ["a layer of width 0", "INVALID_OPTION", { net: { ...net, sizes: [6, 0, 1] } }],
    ["a layer too wide", "INVALID_OPTION", { net: { ...net, sizes: [6, 4097, 1] } }],
    [
      "another number of inputs",
      "SHAPE_MISMATCH",
      { net: drawNet({ ...net, sizes: [5, 1] }, createRng(1)) },
    ],
    ["too few targets", "SHAPE_MISMATCH", { targets: task.targets.subarray(1) }],
    ["too few weights", "SHAPE_MISMATCH", { weights: new Float32Array(3) }],
    ["no rows", "TOO_FEW_ROWS", { rows: new Int32Array(0) }],
    ["a row past the last", "SHAPE_MISMATCH", { rows: Int32Array.of(0, 90) }],
    ["a negative row", "SHAPE_MISMATCH", { rows: Int32Array.of(-1) }],
    ["a batch of no rows", "INVALID_OPTION", { options: { ...options, batchSize: 0 } }],
    ["half a step", "INVALID_OPTION", { options: { ...options, steps: 0.5 } }],
    ["a negative rate", "INVALID_OPTION", { options: { ...options, learningRate: -1 } }],
    ["a clip norm of 0", "INVALID_OPTION", { options: { ...options, clipNorm: 0 } }],
    [
      "parameters that are not finite",
      "VALUE_NOT_FINITE",
      { net: { ...net, parameters: net.parameters.map(() => Number.NaN) } },
    ],
  ])("%s: %s", async (_name, code, change) => {
    // Second in the list: nothing may be trained before everything has been checked.
    const tasks = [task, { ...task, ...change }];
    await expect(engine().train(X, tasks)).rejects.toMatchObject({ code });
  });

  test("predicting rows of another width: SHAPE_MISMATCH", () => {
    const narrow = drawMatrix(2, 5, createRng(1));
    expect(() => engine().predict(net, narrow)).toThrow("X.nColumns must be 6, got 5");
  });

  test("predicting with too few parameters: SHAPE_MISMATCH", () => {
    const broken = { ...net, parameters: new Float32Array(3) };
    expect(() => engine().predict(broken, X)).toThrow("parameters.length must be 97, got 3");
  });
}
