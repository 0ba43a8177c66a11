/**
 * The engines of the library, and how long each lives.
 *
 * Training: an engine with its threads is made when a call starts to train and closed when that
 * call ends, by a result, an error or an abort; no thread outlives the call. Prediction: one engine
 * without threads for the whole process, made by the first call. It holds only memory, so a
 * program ends by itself and closes nothing. docs/adr/0019-door.md says why.
 */
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  createReferenceEngine,
  createTfjsEngine,
  createWasmEngine,
  type Engine,
} from "../experts/index.ts";
import { createInlineExecutor, type Executor } from "../mixture/index.ts";
import type { EngineName } from "../shared/choices.ts";
import { type Progress, silent } from "../shared/progress.ts";
import type { TrainingSettings } from "./settings.ts";

/** An engine by its name. Default: SIMD WebAssembly on every core. */
export async function createEngine({
  engine = "wasm",
  threads = availableParallelism(),
}: {
  readonly engine?: EngineName | undefined;
  readonly threads?: number | undefined;
} = {}): Promise<Engine> {
  if (engine === "reference") return createReferenceEngine();
  if (engine === "tfjs") return createTfjsEngine();
  return createWasmEngine({ threads, fast: engine === "wasm-fast" });
}

let predicting: Promise<Engine> | undefined;

/** The engine that predicts in this process. It has no threads and need not be closed. */
export function predictionEngine(): Promise<Engine> {
  predicting ??= createWasmEngine({ threads: 1 });
  return predicting;
}

/**
 * Runs `work` with an executor that lives as long as the work does.
 *
 * An abort closes the executor, so that the current training rejects; other work checks the signal
 * at every progress report and before every list of tasks. After an abort, the signal's reason
 * replaces what `work` throws.
 */
export async function withExecutor<T>(
  { executor, signal, onProgress = silent, ...wanted }: TrainingSettings,
  work: (executor: Executor, progress: Progress) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const held = executor ?? createInlineExecutor(await createEngine(wanted));
  const close = (): Promise<void> => (executor === undefined ? held.close() : Promise.resolve());
  const trainings = new Set<(reason: unknown) => void>();
  const stop = (): void => {
    for (const reject of trainings) reject(signal?.reason);
    void close();
  };
  signal?.addEventListener("abort", stop, { once: true });
  const report: Progress = (stage, fraction) => {
    signal?.throwIfAborted();
    onProgress(stage, fraction);
  };
  try {
    return await work(signal === undefined ? held : abortable(held, signal, trainings), report);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await close();
  }
}

/**
 * An executor that handles waiting events and then checks the signal before it trains.
 *
 * @param trainings - Filled with what rejects each training that runs. The signal has one listener
 *   for all of them: Node.js warns of more than ten.
 */
function abortable(
  executor: Executor,
  signal: AbortSignal,
  trainings: Set<(reason: unknown) => void>,
): Executor {
  return {
    ...executor,
    train: async (X, tasks) => {
      await nextTurn();
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        trainings.add(reject);
        executor
          .train(X, tasks)
          .then(resolve, reject)
          .finally(() => trainings.delete(reject));
      });
    },
  };
}
