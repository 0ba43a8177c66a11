/**
 * Goal: the kernel writes where it may and nowhere else, and keeps padding at zero.
 * Method: nets, rows and batches of random shapes in a memory whose every free byte holds a mark;
 * compare all bytes before and after.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Arena, Block } from "../../src/kernel/arena.ts";
import { createKernel, type Kernel } from "../../src/kernel/index.ts";
import {
  layOut,
  type PlacedNet,
  placeNet,
  readArray,
  writeArray,
} from "../../src/kernel/place-net.ts";
import { type KernelShape, planNet } from "../../src/kernel/plan-net.ts";
import {
  BATCH_WORDS,
  type KernelLoss,
  LAYER_WORDS,
  NET_WORDS,
  STEP_WORDS,
  writeBatch,
  writeStep,
} from "../../src/kernel/structs.ts";
import { createRng } from "../../src/shared/rng.ts";
import { drawNet, normals } from "./samples.ts";

const MARK = 0xdeadbeef;
const RATES = { learningRate: 0.01, weightDecay: 0.1, clipNorm: 1 };

const kernel: Kernel = await createKernel();

interface Case {
  readonly shape: KernelShape;
  readonly loss: KernelLoss;
  readonly nRows: number;
  readonly batchSize: number;
  readonly weighted: boolean;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  shape: fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 6 }),
    activation: fc.constantFrom("tanh", "relu", "silu"),
  }),
  loss: fc.constantFrom("squared-error", "cross-entropy", "external"),
  nRows: fc.integer({ min: 1, max: 70 }),
  batchSize: fc.integer({ min: 1, max: 70 }),
  weighted: fc.boolean(),
});

test("training writes to its net's arrays and tiles alone, and padding stays zero", () => {
  fc.assert(fc.property(anyCase, checkTraining), { numRuns: 60 });
});

test("prediction writes its outputs and to its net's tiles alone", () => {
  fc.assert(fc.property(anyCase, checkPrediction), { numRuns: 60 });
});

test("what is written to any array of any net is read back", () => {
  fc.assert(
    fc.property(anyCase, ({ shape, loss }) => {
      const net = placeNet(kernel.arena, layOut(shape, loss));
      for (const array of ["parameters", "gradients", "first", "second"] as const) {
        const values = normals(net.places.length, createRng(5));
        writeArray(kernel.arena, net, array, values);
        expect(readArray(kernel.arena, net, array)).toEqual(values);
      }
      expectZeroPadding(net);
      kernel.arena.free(net.block);
    }),
    { numRuns: 40 },
  );
});

test("shapes beyond a limit are refused, none is cut short", () => {
  const refused = (sizes: readonly number[]): void => {
    expect(() => planNet({ sizes, activation: "tanh" }, "prediction"), sizes.join()).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  };
  for (const width of [0, -1, 1.5, Number.NaN, 4097]) {
    refused([width, 1]);
    refused([3, width, 1]);
    refused([3, width]);
  }
  refused([3]);
  refused(new Array(18).fill(2));
  expect(
    planNet({ sizes: new Array(17).fill(2), activation: "tanh" }, "prediction").layers,
  ).toHaveLength(16);
});

function checkTraining({ shape, loss, nRows, batchSize, weighted }: Case): void {
  const { arena, calls } = kernel;
  const rng = createRng(nRows);
  const nSteps = 3;
  const net = placeNet(arena, layOut(shape, loss));
  writeArray(arena, net, "parameters", drawNet(shape, rng).parameters);
  const X = place(arena, normals(nRows * shape.sizes[0]!, rng));
  const targets = place(arena, normals(nRows * shape.sizes.at(-1)!, rng));
  const weights = place(arena, normals(nRows, rng).map(Math.abs));
  const rows = arena.allocate(4 * nSteps * batchSize);
  const order = Int32Array.from({ length: nSteps * batchSize }, () => rng.int(nRows));
  arena.integers(rows.address, order.length).set(order);
  const steps = arena.allocate(4 * nSteps * STEP_WORDS);
  for (let s = 0; s < nSteps; s++) {
    writeStep(arena, steps.address + 4 * STEP_WORDS * s, { ...RATES, count: s + 1 });
  }
  const batch = arena.allocate(4 * BATCH_WORDS);
  writeBatch(arena, batch.address, {
    X: X.address,
    rows: rows.address,
    nRows: batchSize,
    targets: targets.address,
    weights: weighted ? weights.address : 0,
    outputs: 0,
  });
  const blocks = [net.block, X, targets, weights, rows, steps, batch];
  const before = mark(arena, blocks);
  calls.train(net.block.address, batch.address, steps.address, nSteps);
  expectSameOutside(arena, before, [writable(net), { address: batch.address + 4, bytes: 4 }]);
  expectZeroPadding(net);
  for (const block of blocks) arena.free(block);
}

function checkPrediction({ shape, nRows }: Case): void {
  const { arena, calls } = kernel;
  const rng = createRng(nRows);
  const net = placeNet(arena, layOut(shape, "prediction"));
  writeArray(arena, net, "parameters", drawNet(shape, rng).parameters);
  const X = place(arena, normals(nRows * shape.sizes[0]!, rng));
  const outputBytes = 4 * nRows * shape.sizes.at(-1)!;
  const outputs = arena.allocate(outputBytes);
  const batch = arena.allocate(4 * BATCH_WORDS);
  writeBatch(arena, batch.address, {
    X: X.address,
    rows: 0,
    nRows,
    targets: 0,
    weights: 0,
    outputs: outputs.address,
  });
  const blocks = [net.block, X, outputs, batch];
  const before = mark(arena, blocks);
  calls.predict(net.block.address, batch.address);
  const { plan, block } = net;
  const firstTile = plan.layers[0]!.inputTile;
  const tiles = { address: block.address + firstTile, bytes: block.bytes - firstTile };
  expectSameOutside(arena, before, [tiles, { address: outputs.address, bytes: outputBytes }]);
  for (const placed of blocks) arena.free(placed);
}

function place(arena: Arena, values: Float32Array): Block {
  const block = arena.allocate(values.byteLength);
  arena.floats().set(values, block.address / 4);
  return block;
}

/** What of a net in training may change: all but its structs. */
function writable({ plan, block }: PlacedNet): Block {
  const structs = 4 * (NET_WORDS + LAYER_WORDS * plan.layers.length);
  return { address: block.address + structs, bytes: block.bytes - structs };
}

/** Marks every byte outside the blocks; returns a copy of the memory. */
function mark(arena: Arena, blocks: readonly Block[]): Uint32Array {
  const words = arena.words();
  const inUse = new Uint8Array(words.length);
  for (const { address, bytes } of blocks) inUse.fill(1, address / 4, (address + bytes) / 4);
  for (let w = 0; w < words.length; w++) if (inUse[w] === 0) words[w] = MARK;
  return words.slice();
}

function expectSameOutside(arena: Arena, before: Uint32Array, allowed: readonly Block[]): void {
  const after = arena.words().slice();
  expect(after.length).toBe(before.length);
  for (const { address, bytes } of allowed) {
    const start = address / 4;
    after.set(before.subarray(start, start + bytes / 4), start);
  }
  expect(Buffer.compare(Buffer.from(after.buffer), Buffer.from(before.buffer))).toBe(0);
}

function expectZeroPadding(net: PlacedNet): void {
  const { plan, block, places } = net;
  const floats = kernel.arena.floats();
  for (const array of ["parameters", "gradients", "first", "second"] as const) {
    const start = (block.address + plan.arrays[array]) / 4;
    const values = floats.slice(start, start + plan.parameterBytes / 4);
    for (const p of places) values[p] = 0;
    expect(values.every((value) => value === 0)).toBe(true);
  }
}
