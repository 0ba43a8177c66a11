/**
 * The interface to libsvm: problems in, trained machines out, one after another on a separate
 * thread, because libsvm blocks while it works.
 *
 * A thread is kept for the next trainer: to start one takes longer than most machines, and Node 20
 * may fail where a thread ends that has just worked (shared/thread-end.ts). Idle, it does not keep
 * the process alive.
 *
 * The thread is required: if Node's permission model forbids threads, it also forbids what
 * libsvm-js needs to load.
 */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { BailiwickError } from "../shared/errors.ts";
import { type SvmProblem, THREAD_PROGRAM, type TrainedSvm } from "./svm-thread.ts";

export interface SvmTrainer {
  /**
   * To be awaited before the next call. @throws WORKER_FAILED if the thread ends, or after `close`.
   */
  train(problem: SvmProblem): Promise<TrainedSvm>;
  /** Ends training under way. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  /** Rejects with WORKER_FAILED when the thread has ended. */
  readonly ended: Promise<never>;
}

/** Living threads that no trainer has. */
const idle = new Set<Thread>();

/** Takes an idle thread or starts one. To be closed. @throws WORKER_FAILED if it may start none. */
export function openSvmTrainer(): SvmTrainer {
  const thread = takeThread();
  let state: "free" | "busy" | "closed" = "free";
  return {
    train: (problem) => {
      if (state === "closed") return Promise.reject(failure(new Error("the trainer was closed")));
      state = "busy";
      const answer = new Promise<TrainedSvm>((resolve) => {
        thread.worker.once("message", (trained: TrainedSvm) => {
          if (state === "busy") state = "free";
          resolve(trained);
        });
      });
      thread.worker.postMessage(problem);
      return Promise.race([answer, thread.ended]);
    },
    close: async () => {
      const was = state;
      state = "closed";
      if (was === "busy") await thread.worker.terminate();
      else if (was === "free") keepThread(thread);
    },
  };
}

function takeThread(): Thread {
  const [kept] = idle;
  if (kept === undefined) return startThread();
  idle.delete(kept);
  kept.worker.ref();
  return kept;
}

function keepThread(thread: Thread): void {
  thread.worker.unref();
  idle.add(thread);
}

function startThread(): Thread {
  const workerData = { libsvm: createRequire(import.meta.url).resolve("libsvm-js") };
  try {
    const worker = new Worker(THREAD_PROGRAM, { eval: true, workerData });
    const ended = new Promise<never>((_, reject) => {
      worker.once("error", (cause) => reject(failure(cause)));
      worker.once("exit", (exitCode) => reject(failure(new Error(`exit code ${exitCode}`))));
    });
    const thread = { worker, ended };
    ended.catch(() => idle.delete(thread)); // An idle thread that ends fails nobody.
    return thread;
  } catch (cause) {
    throw failure(cause);
  }
}

function failure(cause: unknown): BailiwickError {
  return new BailiwickError("WORKER_FAILED", "the SVM thread must run, it ended", {}, cause);
}
