/**
 * Goal: the number of threads changes the time, never the result; a dead thread is an error, not a
 * wait; the main thread stays free.
 * Method: the same tasks on 1, 2 and 4 threads, compared bit for bit; a job whose addresses lie
 * outside the memory, which ends its thread.
 */
import { afterAll, describe, expect, test } from "vitest";
import { createWasmEngine, initNet, type TrainTask } from "../../src/experts/index.ts";
import { createKernel, startThreads } from "../../src/kernel/index.ts";
import { type Matrix, matrix } from "../../src/shared/matrix.ts";
import { createRng } from "../../src/shared/rng.ts";

const N_ROWS = 200;
const rng = createRng(11);
const normals = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => rng.normal());
const X: Matrix = matrix(normals(N_ROWS * 3), N_ROWS, 3);
const targets = normals(N_ROWS);

/** Nine tasks of different lengths and widths, so that threads finish out of order. */
const TASKS: readonly TrainTask[] = Array.from({ length: 9 }, (_, k) => ({
  net: initNet({ sizes: [3, 4 + k, 1], activation: "tanh" }, rng),
  loss: "squared-error" as const,
  targets,
  rows: Int32Array.from({ length: N_ROWS }, (_, i) => i),
  weights: null,
  options: {
    steps: 200 + 700 * (k % 3),
    batchSize: 16,
    learningRate: 0.01,
    weightDecay: 0.01,
    schedule: "cosine" as const,
    warmupSteps: 10,
    clipNorm: 5,
    seed: k,
  },
}));

describe("an engine on several threads", () => {
  test.each([2, 4])("%i give the bits of one", async (threads) => {
    const one = await createWasmEngine({ threads: 1 });
    const many = await createWasmEngine({ threads });
    const expected = await one.train(X, TASKS);
    expect(await many.train(X, TASKS)).toEqual(expected);
    expect(await many.train(X, TASKS.slice(0, 1))).toEqual(expected.slice(0, 1));
    await Promise.all([one.close(), many.close()]);
  });

  test("leaves the main thread free to do other things", async () => {
    const engine = await createWasmEngine({ threads: 1 + 1 });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    await engine.train(X, TASKS);
    clearInterval(timer);
    await engine.close();
    expect(ticks).toBeGreaterThan(2);
  });

  test("refuses fewer than one thread and more than the limit", async () => {
    for (const threads of [0, 1.5, 65]) {
      await expect(createWasmEngine({ threads })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });
});

describe("a thread that ends", () => {
  const started = createKernel().then(({ bytes, memory }) => startThreads(bytes, memory, 2));
  afterAll(async () => (await started).close());
  const OUTSIDE = 2 ** 31 - 64;

  test("fails its job and every later one, at once", async () => {
    const threads = await started;
    const lost = { code: "WORKER_FAILED" };
    await expect(threads.train([OUTSIDE, OUTSIDE, OUTSIDE, 1])).rejects.toMatchObject(lost);
    await expect(threads.train([OUTSIDE, OUTSIDE, OUTSIDE, 1])).rejects.toMatchObject(lost);
  });
});
