/**
 * Where training tasks run. The fit hands over independent tasks and waits; whether they run one
 * after the other on this thread, on several or on other machines changes the time, never the
 * result: every task carries its own seed and its own data.
 */
import { type Engine, type TrainedNet, type TrainTask, trainTasks } from "../experts/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Progress } from "../shared/progress.ts";

export interface Executor {
  /** Predicts on this thread. */
  readonly engine: Engine;
  /** Trains every task on rows of X; results in the order of the list. */
  train(X: Matrix, tasks: readonly TrainTask[]): Promise<readonly TrainedNet[]>;
  /** Releases what the executor holds; it cannot be used afterwards. */
  close(): Promise<void>;
}

/** The executor of the training, and the receiver of progress. */
export interface Run {
  readonly executor: Executor;
  readonly progress: Progress;
}

/**
 * Runs every task on this thread.
 *
 * @example
 * ```ts
 * import { createInlineExecutor, createReferenceEngine } from "bailiwick/engine";
 *
 * const executor = createInlineExecutor(createReferenceEngine());
 * console.log(executor.engine.name);
 * await executor.close();
 * ```
 */
export function createInlineExecutor(engine: Engine): Executor {
  return {
    engine,
    train: (X, tasks) => trainTasks(engine, X, tasks),
    close: () => engine.close(),
  };
}
