/**
 * One net in training: placed with its moments, given row numbers and rates, read, and closed.
 *
 * The kernel takes as many steps a call as fit in the buffer of row numbers. The caller decides
 * rows, rates and seeds.
 */
import { checkInteger } from "../shared/errors.ts";
import type { Arena, Block } from "./arena.ts";
import type { Kernel } from "./kernel.ts";
import { layoutOf } from "./layouts.ts";
import { type PlacedNet, placeNet, readArray, writeArray } from "./place-net.ts";
import type { KernelShape, ParameterArray } from "./plan-net.ts";
import {
  BATCH_WORDS,
  type KernelLoss,
  STEP_WORDS,
  type StepRates,
  writeBatch,
  writeStep,
} from "./structs.ts";
import type { KernelThreads, TrainCall } from "./threads.ts";

/** Row numbers handed over at once if nothing else is asked, or one batch if that is more. */
const CHUNK_ROWS = 16_384;
/** The most rows of one batch. */
const MAX_KERNEL_BATCH = 65_536;

/** Addresses of uploaded arrays: X (nSamples, nInputs), targets (nSamples, nOutputs). */
export interface TrainingSamples {
  readonly X: number;
  readonly targets: number;
  /** Shape (nSamples,); 0 means that all weigh 1. */
  readonly weights: number;
}

export interface Training {
  /** The most steps of one call. */
  readonly maxSteps: number;
  /** Copies canonical values into the net. @throws SHAPE_MISMATCH */
  write(array: ParameterArray, values: Float32Array): void;
  /** A copy in the canonical layout. */
  read(array: ParameterArray): Float32Array;
  /**
   * Takes one step for each of `rates`, at least one and at most `maxSteps`.
   *
   * @param fillRows - Writes the row numbers of all the batches. They must be rows of the samples:
   *   the kernel does not check.
   */
  step(rates: readonly StepRates[], fillRows: (rows: Int32Array) => void): void;
  /** The same on one of the threads; no other call to this net is allowed meanwhile. */
  stepOn(
    threads: KernelThreads,
    rates: readonly StepRates[],
    fillRows: (rows: Int32Array) => void,
  ): Promise<void>;
  /** Computes the gradient of one batch's mean loss, to be read. */
  gradient(fillRows: (rows: Int32Array) => void): void;
  /** Releases the memory. */
  close(): void;
}

export interface TrainingOptions {
  readonly loss: KernelLoss;
  readonly batchSize: number;
  /** Row numbers handed over at once: 4 bytes each. */
  readonly chunkRows?: number;
}

/** @throws INVALID_OPTION if the shape or the batch is beyond its limit, MEMORY_EXCEEDED */
export function startTraining(
  { arena, calls }: Kernel,
  shape: KernelShape,
  options: TrainingOptions,
  samples: TrainingSamples,
): Training {
  const { loss, batchSize, chunkRows = CHUNK_ROWS } = options;
  checkInteger("batchSize", batchSize, 1, MAX_KERNEL_BATCH);
  const maxSteps = Math.max(1, Math.floor(chunkRows / batchSize));
  const room = arena.allocate(4 * (BATCH_WORDS + maxSteps * (STEP_WORDS + batchSize)));
  const net = placeBeside(arena, room, shape, loss);
  const steps = room.address + 4 * BATCH_WORDS;
  const rows = steps + 4 * maxSteps * STEP_WORDS;
  const prepare = (nSteps: number, fillRows: (rows: Int32Array) => void): void => {
    writeBatch(arena, room.address, { ...samples, rows, nRows: batchSize, outputs: 0 });
    fillRows(arena.integers(rows, nSteps * batchSize));
  };
  const prepareSteps = (
    rates: readonly StepRates[],
    fillRows: (rows: Int32Array) => void,
  ): TrainCall => {
    checkInteger("steps", rates.length, 1, maxSteps);
    prepare(rates.length, fillRows);
    for (const [s, rate] of rates.entries()) writeStep(arena, steps + 4 * STEP_WORDS * s, rate);
    return [net.block.address, room.address, steps, rates.length];
  };
  return {
    maxSteps,
    write: (array, values) => writeArray(arena, net, array, values),
    read: (array) => readArray(arena, net, array),
    step: (rates, fillRows) => calls.train(...prepareSteps(rates, fillRows)),
    stepOn: (threads, rates, fillRows) => threads.train(prepareSteps(rates, fillRows)),
    gradient(fillRows) {
      prepare(1, fillRows);
      calls.gradient(net.block.address, room.address);
    },
    close() {
      arena.free(net.block);
      arena.free(room);
    },
  };
}

/** Places the net, or releases `room`. */
function placeBeside(arena: Arena, room: Block, shape: KernelShape, loss: KernelLoss): PlacedNet {
  try {
    return placeNet(arena, layoutOf(shape, loss));
  } catch (error) {
    arena.free(room);
    throw error;
  }
}
