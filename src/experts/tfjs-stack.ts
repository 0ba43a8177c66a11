/**
 * A stack: training tasks of one shape on the device, all stepped at once.
 *
 * X, targets and row weights lie there for the whole run; a step sends row numbers and rates, and
 * gathers the rest. Arrays that tasks share are sent once.
 */
import { learningRateAt } from "./adam.ts";
import type { TrainedNet, TrainTask } from "./engine.ts";
import { layerOffsets } from "./net.ts";
import { createRowStream } from "./row-stream.ts";
import type { Tensor, Tf } from "./tfjs-backend.ts";
import {
  type AdamTensors,
  adamStep,
  type Batch,
  batchGradient,
  biasCorrections,
  clipGradient,
  type StepRates,
} from "./tfjs-net.ts";

export interface Stack {
  /** Takes step s = 0, 1, … of every task. */
  takeStep(s: number): void;
  /** The nets as they are now, in the order of the tasks. */
  read(): readonly TrainedNet[];
  /** Frees the stack's tensors, not X. */
  close(): void;
}

/** Rows on the device, tables of one width one below the other. */
interface StackedRows {
  readonly values: Tensor;
  /** The first row of expert k's table. */
  readonly starts: readonly number[];
}

interface Constants {
  readonly targets: StackedRows;
  readonly weights: StackedRows;
  /** Weight decay of each parameter, shape (K, nParameters). */
  readonly decay: Tensor;
  /** Shape (K, 1). */
  readonly clipNorm: Tensor;
}

/**
 * @param X - All samples, shape (nSamples, nInputs).
 * @param tasks - Checked, at least one; alike in shape, loss, batch size and number of steps.
 */
export function openStack(tf: Tf, X: Tensor, tasks: readonly TrainTask[]): Stack {
  const nRows = X.shape[0]!;
  const held = tf.tidy(() => ({
    constants: uploadConstants(tf, tasks, nRows),
    state: uploadState(tf, tasks),
  }));
  const { constants } = held;
  let { state } = held;
  const samples: StackedRows = { values: X, starts: tasks.map(() => 0) };
  const nextRows = createBatches(tasks);
  let taken = 0;
  return {
    takeStep: (s) => {
      const before = state;
      const rows = nextRows();
      state = tf.tidy(() => {
        const batch: Batch = {
          x: gatherRows(tf, samples, rows),
          targets: gatherRows(tf, constants.targets, rows),
          weights: gatherRows(tf, constants.weights, rows),
        };
        const gradient = batchGradient(tf, tasks[0]!, before.parameters, batch);
        const clipped = clipGradient(tf, gradient, constants.clipNorm);
        const rates = { ...uploadRates(tf, tasks, s), decay: constants.decay };
        return adamStep(tf, before, clipped, rates);
      });
      tf.dispose(before);
      taken += 1;
    },
    read: () => readState(state, tasks, taken),
    close: () => tf.dispose([constants, state]),
  };
}

/** Numbers of the rows of the next batches, shape (K, batchSize). */
function createBatches(tasks: readonly TrainTask[]): () => Int32Array {
  const { batchSize } = tasks[0]!.options;
  const streams = tasks.map(({ rows, options }) => createRowStream(rows, options.seed));
  return () => {
    const rows = new Int32Array(tasks.length * batchSize);
    streams.forEach((next, k) => {
      next(rows.subarray(k * batchSize, (k + 1) * batchSize));
    });
    return rows;
  };
}

/** The given rows of each expert's table, shape (K, batchSize, width). */
function gatherRows(tf: Tf, { values, starts }: StackedRows, rows: Int32Array): Tensor {
  const batchSize = rows.length / starts.length;
  const places = rows.map((row, b) => row + starts[Math.floor(b / batchSize)]!);
  const gathered = tf.gather(values, tf.tensor(places, [places.length], "int32"));
  return tf.reshape(gathered, [starts.length, batchSize, values.shape[1]!]);
}

function uploadConstants(tf: Tf, tasks: readonly TrainTask[], nRows: number): Constants {
  const ones = new Float32Array(nRows).fill(1);
  const targets = tasks.map((task) => task.targets);
  const weights = tasks.map((task) => task.weights ?? ones);
  return {
    targets: uploadTable(tf, targets, nRows),
    weights: uploadTable(tf, weights, nRows),
    decay: uploadStacked(tf, tasks.map(decayOf)),
    clipNorm: uploadColumn(tf, tasks, ({ options }) => options.clipNorm),
  };
}

function uploadTable(tf: Tf, tables: readonly Float32Array[], nRows: number): StackedRows {
  const distinct = [...new Set(tables)];
  const width = distinct[0]!.length / nRows;
  const values = join(distinct);
  return {
    values: tf.tensor(values, [distinct.length * nRows, width]),
    starts: tables.map((table) => distinct.indexOf(table) * nRows),
  };
}

/** Weight decay for every weight, 0 for every bias. */
function decayOf({ net, options }: TrainTask): Float32Array {
  const decay = new Float32Array(net.parameters.length).fill(options.weightDecay);
  for (const { biases, outputs } of layerOffsets(net.sizes)) {
    decay.fill(0, biases, biases + outputs);
  }
  return decay;
}

function uploadState(tf: Tf, tasks: readonly TrainTask[]): AdamTensors {
  const zeros = new Float32Array(tasks[0]!.net.parameters.length);
  return {
    parameters: uploadStacked(
      tf,
      tasks.map(({ net }) => net.parameters),
    ),
    first: uploadStacked(
      tf,
      tasks.map(({ moments }) => moments?.first ?? zeros),
    ),
    second: uploadStacked(
      tf,
      tasks.map(({ moments }) => moments?.second ?? zeros),
    ),
  };
}

function uploadRates(tf: Tf, tasks: readonly TrainTask[], s: number): StepRates {
  const corrections = tasks.map(({ moments }) => biasCorrections((moments?.step ?? 0) + s + 1));
  return {
    learningRate: uploadColumn(tf, tasks, ({ options }) => learningRateAt(options, s)),
    correction1: uploadColumn(tf, corrections, ([first]) => first),
    correction2: uploadColumn(tf, corrections, ([, second]) => second),
  };
}

/** One number an expert, shape (K, 1). */
function uploadColumn<T>(tf: Tf, items: readonly T[], numberOf: (item: T) => number): Tensor {
  return tf.tensor(Float32Array.from(items, numberOf), [items.length, 1]);
}

/** Equally long arrays as rows, shape (K, length). */
function uploadStacked(tf: Tf, rows: readonly Float32Array[]): Tensor {
  return tf.tensor(join(rows), [rows.length, rows[0]!.length]);
}

/** Equally long arrays one after the other, in a new one: a backend may keep what it is given. */
function join(parts: readonly Float32Array[]): Float32Array {
  const length = parts[0]!.length;
  const joined = new Float32Array(parts.length * length);
  parts.forEach((part, k) => {
    joined.set(part, k * length);
  });
  return joined;
}

function readState(
  state: AdamTensors,
  tasks: readonly TrainTask[],
  taken: number,
): readonly TrainedNet[] {
  const parameters = Float32Array.from(state.parameters.dataSync());
  const first = Float32Array.from(state.first.dataSync());
  const second = Float32Array.from(state.second.dataSync());
  return tasks.map(({ net, moments }, k) => {
    const size = net.parameters.length;
    const partOf = (all: Float32Array): Float32Array => all.slice(k * size, (k + 1) * size);
    return {
      net: { ...net, parameters: partOf(parameters) },
      moments: { first: partOf(first), second: partOf(second), step: (moments?.step ?? 0) + taken },
    };
  });
}
