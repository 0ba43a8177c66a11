/**
 * The interface to libsvm: problems in, trained machines out, one after another on a separate
 * thread, because libsvm blocks while it works.
 *
 * The thread is required: if Node's permission model forbids threads, it also forbids what
 * libsvm-js needs to load.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { BailiwickError } from "../shared/errors.ts";
import { END, type SvmProblem, THREAD_PROGRAM, type TrainedSvm } from "./svm-thread.ts";

export interface SvmTrainer {
  /** To be awaited before the next call. @throws WORKER_FAILED if the thread ends. */
  train(problem: SvmProblem): Promise<TrainedSvm>;
  close(): Promise<void>;
}

/** Starts the thread. To be closed after use. @throws WORKER_FAILED if threads are forbidden. */
export function openSvmTrainer(): SvmTrainer {
  const worker = startThread();
  const ended = new Promise<never>((_, reject) => {
    worker.once("error", (cause) => reject(failure(cause)));
    worker.once("exit", (exitCode) => reject(failure(new Error(`exit code ${exitCode}`))));
  });
  ended.catch(() => undefined); // After `close` no caller waits for the end.
  let isBusy = false;
  return {
    train: (problem) => {
      isBusy = true;
      const answer = new Promise<TrainedSvm>((resolve) => {
        worker.once("message", (trained: TrainedSvm) => {
          isBusy = false;
          resolve(trained);
        });
      });
      worker.postMessage(problem);
      return Promise.race([answer, ended]);
    },
    close: async () => {
      if (isBusy) await worker.terminate();
      else worker.postMessage(END);
      await ended.catch(() => undefined);
    },
  };
}

function startThread(): Worker {
  const workerData = { libsvm: createRequire(import.meta.url).resolve("libsvm-js") };
  try {
    // libsvm-js warns at load; with `stderr` the warning stays in the thread.
    return new Worker(THREAD_PROGRAM, { eval: true, workerData, stderr: true });
  } catch (cause) {
    throw failure(cause);
  }
}

function failure(cause: unknown): BailiwickError {
  return new BailiwickError("WORKER_FAILED", "the SVM thread must run, it ended", {}, cause);
}
