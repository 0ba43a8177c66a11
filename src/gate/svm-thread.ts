/**
 * The code of the SVM thread: libsvm-js trains one binary machine, and the result is read.
 *
 * The thread gets these functions as text, so that it starts the same from sources and from a
 * build. They therefore use only their arguments and each other, and no named inner function
 * (some loaders wrap those in a helper that the thread would not have).
 */
import type { Matrix } from "../shared/matrix.ts";
import type { SvmKernel } from "./gate.ts";

/** libsvm accepts garbage, so all of this must have been checked. */
export interface SvmProblem {
  readonly X: Matrix;
  /** +1 or −1 for each row, both present. */
  readonly labels: Int8Array;
  readonly cost: number;
  /** "rbf" if not given; "quadratic" is (gamma x·z + 1)². */
  readonly kernel?: SvmKernel;
  readonly gamma: number;
  /** How far from optimal the solver may stop. */
  readonly tolerance: number;
  /** Rows to predict with the trained model, for checking. */
  readonly probe?: Matrix;
}

export interface TrainedSvm {
  /** libsvm's text of the model. */
  readonly text: string;
  /** The row numbers of its support vectors, in its order. */
  readonly supportRows: readonly number[];
  /** A point where libsvm's decision is 0, shape (nFeatures,); null if none was found. */
  readonly boundary: Float64Array | null;
  /** libsvm's predictions of the probe, +1 or −1. */
  readonly predictions: readonly number[];
}

/** The part of libsvm-js that we use; it brings no types. */
interface LibSvm {
  new (options: Readonly<Record<string, string | number | boolean>>): LibSvmModel;
  readonly SVM_TYPES: { readonly C_SVC: string };
  readonly KERNEL_TYPES: Readonly<Record<"LINEAR" | "POLYNOMIAL" | "RBF", string>>;
}

interface LibSvmModel {
  train(rows: readonly Float32Array[], labels: Int8Array): void;
  predictOne(row: Float32Array | Float64Array): number;
  getSVIndices(): number[];
  serializeModel(): string;
  free(): void;
}

/** Trains, reads and frees one model. */
function trainBinary(Svm: LibSvm, problem: SvmProblem): TrainedSvm {
  const { X, labels, cost, kernel = "rbf", gamma, tolerance, probe } = problem;
  const types = Svm.KERNEL_TYPES;
  const svm = new Svm({
    type: Svm.SVM_TYPES.C_SVC,
    kernel: { linear: types.LINEAR, quadratic: types.POLYNOMIAL, rbf: types.RBF }[kernel],
    degree: 2,
    coef0: 1,
    cost,
    gamma,
    tolerance,
    quiet: true,
  });
  try {
    const rows = listRows(X);
    svm.train(rows, labels);
    const supportRows = svm.getSVIndices();
    return {
      text: svm.serializeModel(),
      supportRows,
      boundary: findBoundary(
        svm,
        supportRows.map((i) => rows[i]!),
      ),
      predictions: probe === undefined ? [] : listRows(probe).map((row) => svm.predictOne(row)),
    };
  } finally {
    svm.free();
  }
}

function listRows({ values, nRows, nColumns }: Matrix): Float32Array[] {
  return Array.from({ length: nRows }, (_, i) => values.subarray(i * nColumns, (i + 1) * nColumns));
}

/** Bisects between two support vectors that libsvm predicts differently, if there are two. */
function findBoundary(svm: LibSvmModel, vectors: readonly Float32Array[]): Float64Array | null {
  // Support vectors are grouped by class: the first and the last are the likeliest to differ.
  const tried = [...vectors.slice(0, 100), ...vectors.slice(-100)];
  const above = tried.find((row) => svm.predictOne(row) > 0);
  const below = tried.findLast((row) => svm.predictOne(row) < 0);
  if (above === undefined || below === undefined) return null;
  let positive = Float64Array.from(above);
  let negative = Float64Array.from(below);
  for (let halving = 0; halving < 60; halving++) {
    const middle = positive.map((value, j) => (value + negative[j]!) / 2);
    if (svm.predictOne(middle) > 0) positive = middle;
    else negative = middle;
  }
  return positive;
}

/** The thread's program; `workerData.libsvm` is the path of libsvm-js. */
export const THREAD_PROGRAM: string = `
const { parentPort, workerData } = require("node:worker_threads");
${listRows}
${findBoundary}
const train = ${trainBinary};
console.warn = () => {}; // libsvm-js warns at load that it does not stream.
require(workerData.libsvm).then((Svm) => {
  parentPort.on("message", (problem) => parentPort.postMessage(train(Svm, problem)));
});
`;
