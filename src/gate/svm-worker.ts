/**
 * Training of binary SVMs by libsvm-js, on a thread of its own: libsvm blocks while it works.
 *
 * The thread runs the plain JavaScript below, as text: it needs nothing but libsvm-js and arrays,
 * so it starts the same from sources and from a build. libsvm accepts garbage, so callers check
 * first. Its models are freed here; its remark at load stays in the thread.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { BailiwickError } from "../shared/errors.ts";

/** Rows and labels +1 or −1, both present. */
export interface SvmProblem {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly cost: number;
  readonly gamma: number;
}

export interface TrainedSvm {
  /** libsvm's text of the model. */
  readonly text: string;
  /** Which of the rows are its support vectors, in its order. */
  readonly supportRows: readonly number[];
  /** libsvm's own predictions, +1 or −1, of the problem's rows asked for; see `probe`. */
  readonly predictions: readonly number[];
}

export interface SvmTrainer {
  /** @param probe - Rows to predict with the trained model, for checking. */
  train(problem: SvmProblem, probe?: readonly (readonly number[])[]): Promise<TrainedSvm>;
  close(): Promise<void>;
}

const CODE = `
const { parentPort, workerData } = require("node:worker_threads");
require(workerData.libsvm).then((SVM) => {
  parentPort.on("message", ({ problem, probe }) => {
    const svm = new SVM({
      type: SVM.SVM_TYPES.C_SVC,
      kernel: SVM.KERNEL_TYPES.RBF,
      cost: problem.cost,
      gamma: problem.gamma,
      tolerance: 1e-4,
      quiet: true,
    });
    try {
      svm.train(problem.rows, problem.labels);
      const supportRows = Array.from(svm.getSVIndices());
      const predictions = probe.map((row) => svm.predictOne(row));
      parentPort.postMessage({ text: svm.serializeModel(), supportRows, predictions });
    } finally {
      svm.free();
    }
  });
});
`;

/** Starts the thread; problems are trained in the order they come. */
export function openSvmTrainer(): SvmTrainer {
  const libsvm = createRequire(import.meta.url).resolve("libsvm-js");
  const worker = new Worker(CODE, { eval: true, workerData: { libsvm }, stderr: true });
  let queue: Promise<unknown> = Promise.resolve();
  return {
    train: (problem, probe = []) => {
      const result = queue.then(() => ask(worker, { problem, probe }));
      queue = result.catch(() => undefined);
      return result;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

/** One message there, one answer back. @throws WORKER_FAILED if the thread ends first. */
function ask(worker: Worker, message: unknown): Promise<TrainedSvm> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      settle();
      reject(
        new BailiwickError("WORKER_FAILED", "the SVM thread must answer, it ended", {}, cause),
      );
    };
    const answer = (trained: TrainedSvm): void => {
      settle();
      resolve(trained);
    };
    const settle = (): void => {
      worker.off("message", answer).off("error", fail).off("exit", fail);
    };
    worker.on("message", answer).on("error", fail).on("exit", fail);
    worker.postMessage(message);
  });
}
