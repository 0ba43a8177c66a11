/**
 * The engine over the SIMD WebAssembly kernel: what the reference engine computes, in 32 bits.
 *
 * The schedule and the order of rows are computed here, by the same functions as the reference's;
 * the kernel gets row numbers and rates, a few hundred steps a call.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  CLOSED,
  createKernel,
  createPredictor,
  createUploads,
  type Kernel,
  type KernelThreads,
  type StepRates,
  startThreads,
  startTraining,
  type Training,
  type Uploads,
} from "../kernel/index.ts";
import { BailiwickError, checkLength } from "../shared/errors.ts";
import { inLanes } from "../shared/lanes.ts";
import type { Matrix } from "../shared/matrix.ts";
import { learningRateAt } from "./adam.ts";
import type { Engine, TrainedNet, TrainTask } from "./engine.ts";
import type { Net } from "./net.ts";
import { createRowStream } from "./row-stream.ts";
import { checkTask } from "./task.ts";

export interface WasmEngineOptions {
  /**
   * Use fused multiply-add: about a fifth faster, but results differ in the last bits from one
   * kind of CPU to another. Default false.
   */
  readonly fast?: boolean;
  /** Threads to train on besides this one; 1 trains on this one. Default 1. */
  readonly threads?: number;
}

export interface WasmEngine extends Engine {
  /** Of the WebAssembly memory, which never shrinks. */
  memoryBytes(): number;
}

/**
 * The default engine: the SIMD WebAssembly kernel, with the same bits on every CPU and any number
 * of threads. Close it after use if it has threads.
 *
 * @throws ENGINE_UNAVAILABLE if this Node cannot run the kernel.
 * @example
 * ```ts
 * import { createWasmEngine } from "bailiwick/engine";
 *
 * const engine = await createWasmEngine({ threads: 2 });
 * console.log(`${engine.name}, ${engine.memoryBytes()} bytes`);
 * await engine.close();
 * ```
 */
export async function createWasmEngine(options: WasmEngineOptions = {}): Promise<WasmEngine> {
  const kernel = await createKernel(options);
  const predict = createPredictor(kernel);
  const { threads: nThreads = 1 } = options;
  const threads = nThreads === 1 ? undefined : startThreads(kernel.bytes, kernel.memory, nThreads);
  let isClosed = false;
  const place = { kernel, threads, isClosed: () => isClosed };
  return {
    name: options.fast === true ? "wasm-fast" : "wasm",
    train: (X, tasks) => trainAll(place, X, tasks),
    predict: (net, X, into) => {
      checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
      return predict(net, X.values, X.nRows, into);
    },
    memoryBytes: () => kernel.memory.buffer.byteLength,
    close: async () => {
      isClosed = true;
      await threads?.close();
    },
  };
}

interface Place {
  readonly kernel: Kernel;
  /** Where steps are taken; on this thread if there are none. */
  readonly threads: KernelThreads | undefined;
  isClosed(): boolean;
}

/** Results do not depend on the threads: one thread trains a task, in the task's order. */
async function trainAll(
  place: Place,
  X: Matrix,
  tasks: readonly TrainTask[],
): Promise<readonly TrainedNet[]> {
  for (const task of tasks) {
    checkTask(X, task);
  }
  const uploads = createUploads(place.kernel);
  const nLanes = place.threads?.nSlots ?? 1;
  try {
    return await inLanes(tasks, nLanes, (task) => trainNet(place, uploads, X, task));
  } finally {
    uploads.free();
  }
}

/** A thread is handed this many row numbers at once: it works on while this thread is busy. */
const ROWS_FOR_THREAD = 524_288;

async function trainNet(
  place: Place,
  uploads: Uploads,
  X: Matrix,
  task: TrainTask,
): Promise<TrainedNet> {
  const { kernel, threads } = place;
  const { net, moments, loss, options } = task;
  const { batchSize, steps } = options;
  const ofThread = { chunkRows: Math.min(ROWS_FOR_THREAD, steps * batchSize) };
  const training = startTraining(
    kernel,
    net,
    { loss, batchSize, ...(threads === undefined ? {} : ofThread) },
    {
      X: uploads.upload("X", X.values),
      targets: uploads.upload("targets", task.targets),
      weights: task.weights === null ? 0 : uploads.upload("weights", task.weights),
    },
  );
  try {
    training.write("parameters", net.parameters);
    if (moments !== undefined) {
      training.write("first", moments.first);
      training.write("second", moments.second);
    }
    await takeSteps(training, place, task);
    return readTrained(training, net, (moments?.step ?? 0) + options.steps);
  } finally {
    training.close();
  }
}

/** @throws WORKER_FAILED once the engine is closed. */
async function takeSteps(
  training: Training,
  { threads, isClosed }: Place,
  { rows, moments, options }: TrainTask,
): Promise<void> {
  const nextRows = createRowStream(rows, options.seed);
  const taken = moments?.step ?? 0;
  for (let start = 0; start < options.steps; start += training.maxSteps) {
    const count = Math.min(training.maxSteps, options.steps - start);
    const rates = Array.from({ length: count }, (_, c): StepRates => {
      const learningRate = learningRateAt(options, start + c);
      const { weightDecay, clipNorm } = options;
      return { learningRate, weightDecay, clipNorm, count: taken + start + c + 1 };
    });
    if (isClosed()) throw new BailiwickError("WORKER_FAILED", CLOSED);
    if (threads !== undefined) {
      await training.stepOn(threads, rates, nextRows);
      continue;
    }
    training.step(rates, nextRows);
    // On this thread nothing else runs during training, so timers and signals run between tasks.
    await nextTurn();
  }
}

function readTrained(training: Training, net: Net, step: number): TrainedNet {
  return {
    net: { ...net, parameters: training.read("parameters") },
    moments: { first: training.read("first"), second: training.read("second"), step },
  };
}
