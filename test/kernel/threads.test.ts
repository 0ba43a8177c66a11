/**
 * Goal: any number of threads may run the kernel over one memory.
 * Method: two nets in one memory, trained at the same time by this thread and by another, against
 * the same two trained one after the other.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { createKernel, createKernelMemory } from "../../src/kernel/index.ts";
import { layOut, placeNet, readArray, writeArray } from "../../src/kernel/place-net.ts";
import { BATCH_WORDS, STEP_WORDS, writeBatch, writeStep } from "../../src/kernel/structs.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawNet, normals } from "./samples.ts";

const SHAPE = { sizes: [5, 32, 32, 1], activation: "tanh" } as const;
const N_ROWS = 512;
const BATCH = 32;
const N_STEPS = 2000;

const WORKER = `
const { parentPort, workerData } = require("node:worker_threads");
const { bytes, memory, args } = workerData;
WebAssembly.instantiate(bytes, { env: { memory } }).then(({ instance }) => {
  parentPort.postMessage("ready");
  instance.exports.train(...args);
  parentPort.postMessage("done");
});`;

/** Two nets ready to be trained: the arguments of the calls, and how to read them. */
async function prepare() {
  const memory = createKernelMemory();
  const kernel = await createKernel({ memory });
  const { arena } = kernel;
  const rng = createRng(6);
  const place = (values: Float32Array): number => {
    const { address } = arena.allocate(values.byteLength);
    arena.floats().set(values, address / 4);
    return address;
  };
  const X = place(normals(N_ROWS * 5, rng));
  const targets = place(normals(N_ROWS, rng));
  const steps = arena.allocate(4 * STEP_WORDS * N_STEPS).address;
  for (let s = 0; s < N_STEPS; s++) {
    const step = { learningRate: 1e-3, weightDecay: 0.01, clipNorm: 1, count: s + 1 };
    writeStep(arena, steps + 4 * STEP_WORDS * s, step);
  }
  const nets = [0, 1].map(() => {
    const net = placeNet(arena, layOut(SHAPE, "squared-error"));
    writeArray(arena, net, "parameters", drawNet(SHAPE, rng).parameters);
    const rows = arena.allocate(4 * BATCH * N_STEPS).address;
    const order = Int32Array.from({ length: BATCH * N_STEPS }, () => rng.int(N_ROWS));
    arena.integers(rows, order.length).set(order);
    const batch = arena.allocate(4 * BATCH_WORDS).address;
    writeBatch(arena, batch, { X, rows, nRows: BATCH, targets, weights: 0, outputs: 0 });
    const args = [net.block.address, batch, steps, N_STEPS] as const;
    return { args, read: () => readArray(arena, net, "parameters") };
  });
  return { memory, kernel, nets };
}

test("nets trained at the same time on two threads have the bits of those trained in turn", async () => {
  const alone = await prepare();
  for (const { args } of alone.nets) alone.kernel.calls.train(...args);

  const both = await prepare();
  const bytes = await readFile(new URL("../../src/kernel/kernel.wasm", import.meta.url));
  const workerData = { bytes, memory: both.memory, args: both.nets[1]!.args };
  const worker = new Worker(WORKER, { eval: true, workerData });
  await once(worker, "message");
  const exited = once(worker, "exit");
  both.kernel.calls.train(...both.nets[0]!.args);
  expect(await exited).toEqual([0]);

  for (const n of [0, 1]) expect(both.nets[n]!.read()).toEqual(alone.nets[n]!.read());
});
