/** Jobs of the accuracy bench on threads, in their order, with the time left. */
import { nowMs } from "../../shared/clock.ts";
import type { Progress } from "../../shared/progress.ts";
import { type Lane, type LaneOptions, openLane, startLane } from "./lane.ts";
import type { AccuracyRow } from "./row.ts";
import type { AccuracyTask } from "./tasks.ts";

export interface AssignedJob {
  readonly task: AccuracyTask;
  /** Of a split that is finished but for its convergence check; null to run it. */
  readonly row: AccuracyRow | null;
}

interface JobsOptions {
  readonly lane: LaneOptions;
  /** Jobs under way at once, each on a thread; 1 for this thread. */
  readonly threads: number;
  readonly onFinished: (row: AccuracyRow) => Promise<void>;
}

export async function runJobs(
  jobs: readonly AssignedJob[],
  { lane: options, threads, onFinished }: JobsOptions,
  progress: Progress,
): Promise<void> {
  const queue = [...jobs];
  const report = countDown(
    jobs.map(({ task }) => task),
    progress,
  );
  const follow = async (lane: Lane): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const { task, row } = job;
      const { data, number } = task;
      const name = nameOf(data.name, number);
      await onFinished(await lane.run({ set: data.name, number, row }, report.of(name)));
      report.finished(task);
    }
  };
  const lanes: Lane[] = [];
  try {
    for (let t = 0; t < Math.min(threads, queue.length); t++) {
      lanes.push(threads === 1 ? await openLane(options) : startLane(options));
    }
    await Promise.all(lanes.map(follow));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** A split of many rows takes longer, but not in proportion: peers and folds weigh on all. */
const ROWS_OF_A_SPLIT = 2000;

interface CountDown {
  of(name: string): Progress;
  finished(task: AccuracyTask): void;
}

/** Progress over all splits, with the time left by those that were finished since the start. */
function countDown(queue: readonly AccuracyTask[], progress: Progress): CountDown {
  const costOf = ({ table }: AccuracyTask): number => ROWS_OF_A_SPLIT + table.y.length;
  const all = queue.reduce((sum, task) => sum + costOf(task), 0);
  const started = nowMs();
  const nTasks = queue.length;
  let done = 0;
  let nFinished = 0;
  const left = (): string => {
    if (done === 0) return "";
    const minutes = ((nowMs() - started) * (all / done - 1)) / 60_000;
    return `, about ${Math.ceil(minutes)} min left`;
  };
  return {
    of: (name) => (stage) =>
      progress(`${name}: ${stage} (${nFinished} of ${nTasks} splits${left()})`, done / all),
    finished: (task) => {
      done += costOf(task);
      nFinished++;
    },
  };
}

export function nameOf(set: string, split: number): string {
  return `${set} ${split}`;
}
