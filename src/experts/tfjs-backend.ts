/**
 * Finds and starts TensorFlow.js: the only file that imports its packages.
 *
 * All of them are optional, and none is loaded before an engine needs it. The functions used are
 * declared here, so that compiling against this package needs none of their types.
 * TensorFlow.js keeps one active backend for the whole process; `runOn` makes it ours for the
 * length of one synchronous call, so that engines on different backends do not disturb each other.
 */
import { BailiwickError } from "../shared/errors.ts";

/** Where TensorFlow.js computes, best first: "gpu" and "node" are native, "cpu" is JavaScript. */
export type TfjsBackend = "gpu" | "node" | "wasm" | "cpu";

/** An array on the backend, of float32 unless it was made as int32. */
export interface Tensor {
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

type Operand = Tensor | number;

/** What the engine uses of the functions of TensorFlow.js. */
export interface Tf {
  tensor(values: Float32Array | Int32Array, shape: number[], dtype?: "float32" | "int32"): Tensor;
  zeros(shape: number[]): Tensor;
  gather(x: Tensor, indices: Tensor): Tensor;
  slice(x: Tensor, begin: number[], size: number[]): Tensor;
  reshape(x: Tensor, shape: number[]): Tensor;
  concat(tensors: Tensor[], axis: number): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  add(a: Operand, b: Operand): Tensor;
  sub(a: Operand, b: Operand): Tensor;
  mul(a: Operand, b: Operand): Tensor;
  div(a: Operand, b: Operand): Tensor;
  minimum(a: Operand, b: Operand): Tensor;
  sum(x: Tensor, axis: number, keepDims?: boolean): Tensor;
  square(x: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  relu(x: Tensor): Tensor;
  step(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  softmax(x: Tensor): Tensor;
  tidy<T>(compute: () => T): T;
  dispose(container: unknown): void;
  memory(): { readonly numTensors: number };
  getBackend(): string;
  setBackend(name: string): Promise<boolean>;
}

/** A started backend. */
export interface StartedBackend {
  readonly tf: Tf;
  /** TensorFlow.js' name of the backend. */
  readonly backendName: string;
}

interface Source {
  /** All are imported; the first one has the functions. */
  readonly packages: readonly [string, ...string[]];
  readonly backendName: string;
}

const CORE = "@tensorflow/tfjs-core";
const SOURCES: Readonly<Record<TfjsBackend, Source>> = {
  gpu: { packages: ["@tensorflow/tfjs-node-gpu"], backendName: "tensorflow" },
  node: { packages: ["@tensorflow/tfjs-node"], backendName: "tensorflow" },
  wasm: { packages: [CORE, "@tensorflow/tfjs-backend-wasm"], backendName: "wasm" },
  cpu: { packages: [CORE, "@tensorflow/tfjs-backend-cpu"], backendName: "cpu" },
};
const BEST_FIRST = ["gpu", "node", "wasm", "cpu"] as const;

/** Loads a package by name. */
export type ImportPackage = (name: string) => Promise<unknown>;
const importInstalled: ImportPackage = (name) => import(/* @vite-ignore */ name);

/**
 * Starts `backend`, or the best one that is installed.
 *
 * @throws INVALID_OPTION if there is no such backend.
 * @throws ENGINE_UNAVAILABLE if it, or every one, is missing or does not start.
 */
export async function startBackend(
  backend?: TfjsBackend,
  importPackage: ImportPackage = importInstalled,
): Promise<StartedBackend> {
  if (backend !== undefined && !Object.hasOwn(SOURCES, backend)) {
    throw new BailiwickError(
      "INVALID_OPTION",
      `backend must be one of ${BEST_FIRST.join(", ")}, got ${backend}`,
    );
  }
  const wanted = backend === undefined ? BEST_FIRST : [backend];
  const failures: unknown[] = [];
  for (const name of wanted) {
    try {
      return await start(SOURCES[name], importPackage);
    } catch (failure) {
      failures.push(failure);
    }
  }
  const sets = wanted.map((name) => SOURCES[name].packages.join(" with "));
  throw new BailiwickError(
    "ENGINE_UNAVAILABLE",
    `the tfjs engine needs ${sets.join(", or ")}: install with npm; ` +
      `none that could start was found`,
    { backends: wanted, failures: failures.map(String) },
    failures.length === 1 ? failures[0] : new AggregateError(failures),
  );
}

async function start(source: Source, importPackage: ImportPackage): Promise<StartedBackend> {
  const { packages, backendName } = source;
  const modules: unknown[] = [];
  for (const name of packages) modules.push(await importPackage(name));
  const first = modules[0] as Tf & { readonly default?: Tf };
  // Node may not find every name of a CommonJS package, but the default export has them all.
  const tf = first.default ?? first;
  if (!(await tf.setBackend(backendName))) {
    throw new Error(`${packages.at(-1)} did not start its backend ${backendName}`);
  }
  return { tf, backendName };
}

/** Runs `compute` with this backend active, then restores the earlier one. */
export function runOn<T>({ tf, backendName }: StartedBackend, compute: () => T): T {
  const before = tf.getBackend();
  if (before === backendName) return compute();
  // A backend that has once been started is active when setBackend returns; its promise is for
  // one that has not.
  void tf.setBackend(backendName);
  try {
    return compute();
  } finally {
    void tf.setBackend(before);
  }
}
