/** An executor that adds up the cost of its training. */
import { trainCost } from "../../experts/index.ts";
import type { Executor } from "../executor.ts";

export interface Metered {
  readonly executor: Executor;
  /** Multiply-adds spent so far. */
  cost(): number;
}

/** The caller still closes the executor that it gave. */
export function meter(executor: Executor): Metered {
  let cost = 0;
  const train: Executor["train"] = (X, tasks) => {
    for (const task of tasks) cost += trainCost(task);
    return executor.train(X, tasks);
  };
  return { executor: { ...executor, train }, cost: () => cost };
}
