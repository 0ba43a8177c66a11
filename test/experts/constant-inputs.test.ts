/**
 * Goal: no expert of any family answers to an input that never varied in the rows it was trained on.
 * Method: y = 3a + noise with a second input constant at 0, or at another value, in the training
 * rows; answers with that input moved must be the same to the bit.
 */
import { expect, test } from "vitest";
import { constantInputs, foldConstantInputs } from "../../src/experts/constant-inputs.ts";
import {
  createReferenceEngine,
  createTfjsEngine,
  createWasmEngine,
  type Engine,
  type Expert,
  FAMILIES,
  fitFamily,
  fitPiecewise,
  initNet,
  predictExpert,
  type Samples,
  trainingForm,
  trainTasks,
} from "../../src/experts/index.ts";
import { type Matrix, matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const N_ROWS = 120;
const ALL_ROWS = Int32Array.from({ length: N_ROWS }, (_, i) => i);
const wasm = await createWasmEngine();

/** Inputs a, k and b, where k is `constant` in every row. */
function samplesOf(constant: number): Samples {
  const rng = createRng(11);
  const values = new Float32Array(3 * N_ROWS);
  const y = new Float32Array(N_ROWS);
  for (let i = 0; i < N_ROWS; i++) {
    const [a, b] = [rng.normal(), rng.normal()];
    values.set([a, constant, b], 3 * i);
    y[i] = a - 0.5 * b + 0.1 * rng.normal();
  }
  return { X: matrix(values, N_ROWS, 3), y, weights: null, groups: null };
}

function moved({ values, nRows, nColumns }: Matrix, to: number): Matrix {
  return matrix(
    values.map((value, at) => (at % nColumns === 1 ? to : value)),
    nRows,
    nColumns,
  );
}

function expectNoEffect(engine: Engine, expert: Expert, X: Matrix): void {
  const answers = predictExpert(engine, expert, X);
  for (const to of [-6, 0, 0.5, 1, 6]) {
    expect(predictExpert(engine, expert, moved(X, to))).toEqual(answers);
  }
}

async function trainedNet(engine: Engine, { X, y }: Samples, hidden: readonly number[]) {
  const net = initNet({ sizes: [X.nColumns, ...hidden, 1], activation: "relu" }, createRng(3));
  const options = {
    steps: 200,
    batchSize: 32,
    learningRate: 0.01,
    weightDecay: 1e-4,
    schedule: "cosine",
    warmupSteps: 10,
    clipNorm: 5,
    seed: 4,
  } as const;
  const task = { net, loss: "squared-error", targets: y, rows: ALL_ROWS, weights: null } as const;
  const [trained] = await trainTasks(engine, X, [{ ...task, options }]);
  return trained!.net;
}

const ENGINES: readonly (readonly [string, () => Promise<Engine>])[] = [
  ["wasm", async () => wasm],
  ["reference", async () => createReferenceEngine()],
  ["tfjs", () => createTfjsEngine({ backend: "cpu" })],
];

test.each([0, 1, 0.75])("a family's expert does not answer to an input that was %d", (constant) => {
  const samples = samplesOf(constant);
  for (const family of FAMILIES) {
    expectNoEffect(wasm, fitFamily(family, samples, 5), samples.X);
  }
});

test("a row without weight does not make an input vary", () => {
  const samples = samplesOf(1);
  samples.X.values[1] = 4;
  const weights = new Float32Array(N_ROWS).fill(1);
  weights[0] = 0;
  for (const family of FAMILIES) {
    expectNoEffect(wasm, fitFamily(family, { ...samples, weights }, 5), samples.X);
  }
});

test.each(ENGINES)(
  "a net trained by %s does not answer to it, nor without a hidden layer",
  async (_, create) => {
    const engine = await create();
    for (const hidden of [[8], []]) {
      const samples = samplesOf(0.75);
      expectNoEffect(
        wasm,
        { kind: "mlp", net: await trainedNet(engine, samples, hidden) },
        samples.X,
      );
    }
  },
);

test("a net on encoded inputs does not answer to it, as it is kept", async () => {
  const samples = samplesOf(0.75);
  const { inputsOf, keep } = trainingForm(fitPiecewise(samples.X, 8));
  const encoded = { ...samples, X: inputsOf(samples.X) };
  expectNoEffect(wasm, { kind: "mlp", net: keep(await trainedNet(wasm, encoded, [8])) }, samples.X);
});

test("what a constant input added is part of the biases: answers to the rows stay", () => {
  const { X } = samplesOf(0.75);
  const net = initNet({ sizes: [3, 8, 1], activation: "tanh" }, createRng(6));
  const folded = foldConstantInputs(net, X, ALL_ROWS);
  const before = wasm.predict(net, X);
  wasm.predict(folded, X).forEach((value, i) => {
    expect(value).toBeCloseTo(before[i]!, 5);
  });
  expectNoEffect(wasm, { kind: "mlp", net: folded }, X);
});

test("constant are the inputs of one value in the rows asked for, all of them if one row is", () => {
  const X = matrix(Float32Array.of(1, 2, 3, 1, 5, 3, 1, 2, 4), 3, 3);
  expect(constantInputs(X)).toEqual([0]);
  expect(constantInputs(X, [0, 1])).toEqual([0, 2]);
  expect(constantInputs(X, [2])).toEqual([0, 1, 2]);
  expect(constantInputs(X, [])).toEqual([]);
});
