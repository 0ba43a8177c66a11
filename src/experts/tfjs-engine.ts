/**
 * The engine over TensorFlow.js, for a GPU or where its packages are installed.
 *
 * Tasks alike in all that shapes a step are stacked along a leading axis and trained together,
 * one batched step for all of them; see tfjs-stack.ts. On the backends wasm and cpu a task ends
 * with the same bits in every stack; on TensorFlow's native library, whose rounding
 * depends on an array's size, the last bits may differ. Calls run to their end without a pause.
 */
import { checkLength } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Engine, TrainedNet, TrainTask } from "./engine.ts";
import { checkNet, type Net } from "./net.ts";
import { checkTask, checkValues } from "./task.ts";
import {
  type ImportPackage,
  runOn,
  startBackend,
  type Tensor,
  type Tf,
  type TfjsBackend,
} from "./tfjs-backend.ts";
import { forward } from "./tfjs-net.ts";
import { openStack } from "./tfjs-stack.ts";

/** The most numbers that a stack's states and activations may come to: 128 MiB. */
const MAX_STACK_VALUES = 2 ** 25;
/** The most numbers that the activations of one predicted part of X may come to: 64 MiB. */
const MAX_PREDICT_VALUES = 2 ** 24;

export interface TfjsEngineOptions {
  /**
   * Which package computes: "gpu" is tfjs-node-gpu, "node" tfjs-node, "wasm" and "cpu" are
   * tfjs-backend-wasm and -cpu with tfjs-core. Default the first of these that starts.
   */
  readonly backend?: TfjsBackend;
  /** Loads a package by its name; default Node's own `import`. For packages that lie elsewhere. */
  readonly importPackage?: ImportPackage;
}

/**
 * The engine of TensorFlow.js, whose packages the program installs.
 *
 * @throws INVALID_OPTION if there is no such backend.
 * @throws ENGINE_UNAVAILABLE if its package, or every one, is missing or does not start.
 * @example
 * ```ts
 * import { createTfjsEngine, createWasmEngine } from "bailiwick/engine";
 *
 * const engine = await createTfjsEngine({ backend: "gpu" }).catch(() => createWasmEngine());
 * console.log(engine.name);
 * await engine.close();
 * ```
 */
export async function createTfjsEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const backend = await startBackend(options.backend, options.importPackage);
  const { tf } = backend;
  return {
    name: "tfjs",
    train: async (X, tasks) => {
      checkTasks(X, tasks);
      return tasks.length === 0 ? [] : runOn(backend, () => trainAll(tf, X, tasks));
    },
    predict: (net, X) => {
      checkNet(net);
      checkLength("X.nColumns", X.nColumns, net.sizes[0]!);
      return runOn(backend, () => predictRows(tf, net, X));
    },
    close: async () => {},
  };
}

function checkTasks(X: Matrix, tasks: readonly TrainTask[]): void {
  for (const task of tasks) {
    checkTask(X, task);
  }
  if (tasks.length > 0) checkValues("X", X.values);
  for (const targets of new Set(tasks.map((task) => task.targets))) checkValues("targets", targets);
  for (const weights of new Set(tasks.map((task) => task.weights))) {
    if (weights !== null) checkValues("weights", weights);
  }
}

function trainAll(tf: Tf, X: Matrix, tasks: readonly TrainTask[]): readonly TrainedNet[] {
  const trained = new Array<TrainedNet>(tasks.length);
  const samples = tf.tensor(X.values, [X.nRows, X.nColumns]);
  try {
    for (const stack of stackTasks(tasks)) {
      const nets = trainStack(
        tf,
        samples,
        stack.map((t) => tasks[t]!),
      );
      stack.forEach((t, k) => {
        trained[t] = nets[k]!;
      });
    }
    return trained;
  } finally {
    tf.dispose(samples);
  }
}

/** Numbers of the tasks that are trained together, stack by stack. */
function stackTasks(tasks: readonly TrainTask[]): readonly (readonly number[])[] {
  const alike = new Map<string, number[]>();
  tasks.forEach(({ net, loss, options: { batchSize, steps, schedule } }, t) => {
    const key = JSON.stringify([net.sizes, net.activation, loss, batchSize, steps, schedule]);
    const stack = alike.get(key);
    if (stack === undefined) alike.set(key, [t]);
    else stack.push(t);
  });
  return [...alike.values()].flatMap((stack) => cut(stack, mostTogether(tasks[stack[0]!]!)));
}

/** A step holds about three arrays of each unit's size and ten of each parameter's. */
function mostTogether({ net, options }: TrainTask): number {
  const nUnits = net.sizes.reduce((sum, size) => sum + size, 0);
  const values = 3 * options.batchSize * nUnits + 10 * net.parameters.length;
  return Math.max(1, Math.floor(MAX_STACK_VALUES / values));
}

function cut<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const nParts = Math.ceil(items.length / most);
  return Array.from({ length: nParts }, (_, p) => items.slice(p * most, (p + 1) * most));
}

function trainStack(tf: Tf, X: Tensor, tasks: readonly TrainTask[]): readonly TrainedNet[] {
  const stack = openStack(tf, X, tasks);
  try {
    for (let s = 0; s < tasks[0]!.options.steps; s++) stack.takeStep(s);
    return stack.read();
  } finally {
    stack.close();
  }
}

/** Part by part, so that wide nets on many rows do not fill its memory. */
function predictRows(tf: Tf, net: Net, X: Matrix): Float32Array {
  const [nInputs, nOutputs] = [net.sizes[0]!, net.sizes.at(-1)!];
  const nUnits = net.sizes.reduce((sum, size) => sum + size, 0);
  const most = Math.max(1, Math.floor(MAX_PREDICT_VALUES / nUnits));
  const outputs = new Float32Array(X.nRows * nOutputs);
  for (let start = 0; start < X.nRows; start += most) {
    const nRows = Math.min(most, X.nRows - start);
    const rows = X.values.subarray(start * nInputs, (start + nRows) * nInputs);
    tf.tidy(() => {
      const parameters = tf.tensor(net.parameters, [1, net.parameters.length]);
      const answers = forward(tf, net, parameters, tf.tensor(rows, [1, nRows, nInputs]));
      outputs.set(answers.dataSync(), start * nOutputs);
    });
  }
  return outputs;
}
