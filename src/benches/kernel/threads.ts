/** How much sooner two threads are done than one, and how much of two cores they were given. */
import { createWasmEngine } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { median } from "../../shared/statistics.ts";
import { cpuMsOf, epochTask, type Workload } from "./workload.ts";

export interface ThreadTiming {
  /** Wall milliseconds of the same tasks, on one thread and on two, round by round. */
  readonly oneMs: readonly number[];
  readonly twoMs: readonly number[];
  /** Median of wall time on one thread ÷ on two, round by round. */
  readonly speedup: number;
  /** CPU time ÷ wall time with two threads: what the scheduler granted, 2 on idle cores. */
  readonly cores: number;
}

const BATCH = 32;
const N_TASKS = 8;

/** Trains 8 nets for `nEpochs` epochs, with one thread and two in alternation. */
export async function measureThreads(
  workload: Workload,
  nRounds: number,
  nEpochs: number,
): Promise<ThreadTiming> {
  const [one, two] = await Promise.all([
    createWasmEngine({ threads: 1 }),
    createWasmEngine({ threads: 2 }),
  ]);
  const tasks = Array.from({ length: N_TASKS }, () => epochTask(workload, BATCH, nEpochs));
  const oneMs: number[] = [];
  const twoMs: number[] = [];
  const cores: number[] = [];
  try {
    // The first round is not timed: threads start in it.
    for (let round = 0; round <= nRounds; round++) {
      const start = nowMs();
      await one.train(workload.X, tasks);
      const middle = nowMs();
      const cpuMs = await cpuMsOf(() => two.train(workload.X, tasks));
      const end = nowMs();
      if (round === 0) continue;
      oneMs.push(middle - start);
      twoMs.push(end - middle);
      cores.push(cpuMs / (end - middle));
    }
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
  const speedup = median(oneMs.map((ms, r) => ms / twoMs[r]!));
  return { oneMs, twoMs, speedup, cores: median(cores) };
}
