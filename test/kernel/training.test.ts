/**
 * Goal: a training net takes the steps it is told to, however they are handed over, and gives its
 * memory back.
 * Method: the same steps in one call and in many; limits; memory before and after.
 */
import { expect, test } from "vitest";
import {
  createKernel,
  createKernelMemory,
  createUploads,
  startTraining,
} from "../../src/kernel/index.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawSamples } from "./samples.ts";

const MEBIBYTE = 2 ** 20;
const SHAPE = { sizes: [5, 9, 20, 1], activation: "relu" } as const;
const drawn = drawSamples(SHAPE, { nRows: 60, loss: "squared-error", seed: 3 });

async function start(batchSize = 37, maxBytes = 64 * MEBIBYTE) {
  const kernel = await createKernel({ memory: createKernelMemory(maxBytes) });
  const uploads = createUploads(kernel);
  const samples = {
    X: uploads.upload("X", drawn.X.values),
    targets: uploads.upload("targets", drawn.targets),
    weights: uploads.upload("weights", drawn.weights),
  };
  const loss = "squared-error" as const;
  const open = () => startTraining(kernel, drawn.net, { loss, batchSize }, samples);
  return { kernel, uploads, open };
}

function rates(count: number, first = 1) {
  return Array.from({ length: count }, (_, s) => {
    return { learningRate: 3e-3, weightDecay: 0.01, clipNorm: 1, count: first + s };
  });
}

function randomRows(): (rows: Int32Array) => void {
  const rng = createRng(1);
  return (rows) => {
    for (let b = 0; b < rows.length; b++) rows[b] = rng.int(60);
  };
}

test("steps taken in one call and in many have the same bits, growth of the memory between", async () => {
  const { kernel, open } = await start();
  const [whole, parts] = [open(), open()];
  for (const training of [whole, parts]) training.write("parameters", drawn.net.parameters);
  whole.step(rates(120), randomRows());
  const fillRows = randomRows();
  for (let s = 0; s < 120; s++) {
    if (s === 60) kernel.arena.allocate(20 * MEBIBYTE);
    parts.step(rates(1, s + 1), fillRows);
  }
  for (const array of ["parameters", "gradients", "first", "second"] as const) {
    expect(parts.read(array)).toEqual(whole.read(array));
  }
  expect(whole.read("parameters")).not.toEqual(drawn.net.parameters);
});

test("closing gives all memory back", async () => {
  const { kernel, uploads, open } = await start();
  const before = kernel.arena.usedBytes;
  for (let n = 0; n < 100; n++) open().close();
  expect(kernel.arena.usedBytes).toBe(before);
  uploads.free();
  expect(kernel.arena.usedBytes).toBe(0);
  expect(kernel.arena.reservedBytes).toBe(MEBIBYTE);
});

test("an array uploaded twice is copied once", async () => {
  const kernel = await createKernel();
  const uploads = createUploads(kernel);
  const first = uploads.upload("X", drawn.X.values);
  expect(uploads.upload("X", drawn.X.values)).toBe(first);
  expect(uploads.upload("X", drawn.X.values.slice())).not.toBe(first);
});

test("a value that is not finite is found at every place", async () => {
  const kernel = await createKernel();
  for (let length = 1; length <= 21; length++) {
    for (let entry = 0; entry < length; entry++) {
      const values = new Float32Array(length).fill(1e38);
      values[entry] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][entry % 3]!;
      const uploads = createUploads(kernel);
      const expected = { code: "VALUE_NOT_FINITE", details: { name: "X", entry } };
      for (const _again of [1, 2]) {
        expect(() => uploads.upload("X", values)).toThrow(expect.objectContaining(expected));
      }
      uploads.upload("X", values.fill(-1e38).slice());
      uploads.free();
    }
  }
  expect(kernel.arena.usedBytes).toBe(0);
});

test("a batch of no rows or too many, and steps beyond a call, are refused", async () => {
  for (const batchSize of [0, 65_537, 1.5]) {
    const { open } = await start(batchSize);
    expect(open).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  }
  const { open } = await start();
  const training = open();
  expect(training.maxSteps).toBe(442);
  for (const count of [0, 443]) {
    expect(() => training.step(rates(count), randomRows())).toThrow(
      "steps must be an integer, 1 to 442",
    );
  }
});

test("MEMORY_EXCEEDED leaves nothing behind", async () => {
  const { kernel } = await start(37, 3 * MEBIBYTE);
  const before = kernel.arena.usedBytes;
  const wide = { sizes: [5, 1000, 1000, 1], activation: "tanh" } as const;
  const open = () => startTraining(kernel, wide, { loss: "external", batchSize: 8 }, NOWHERE);
  expect(open).toThrow(expect.objectContaining({ code: "MEMORY_EXCEEDED" }));
  expect(kernel.arena.usedBytes).toBe(before);
});

const NOWHERE = { X: 0, targets: 0, weights: 0 };

test("the moments of a dead unit become 0 and not ever smaller numbers", async () => {
  const { open } = await start();
  const training = open();
  // Only the output's bias learns: all else is 0, and so are its gradients.
  training.write(
    "first",
    drawn.net.parameters.map(() => 1e-29),
  );
  training.write(
    "second",
    drawn.net.parameters.map(() => 1.0005e-30),
  );
  training.step(rates(60), randomRows());
  expect(new Set(training.read("first").subarray(0, -1))).toEqual(new Set([0]));
  expect(new Set(training.read("second").subarray(0, -1))).toEqual(new Set([0]));
});
