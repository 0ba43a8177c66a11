/**
 * Committees against one good net, ensembles, baselines and other packages, over many data sets.
 *
 * Splits run on threads of their own, and each is kept as soon as it is finished.
 */
import { nowMs } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";
import { knownPeersOf } from "./accuracy-known-peers.ts";
import { type Lane, type LaneOptions, openLane, runOf, startLane } from "./accuracy-lane.ts";
import type { AccuracyRow } from "./accuracy-split.ts";
import { type AccuracyMeasurements, summariseAccuracy } from "./accuracy-summary.ts";
import { type AccuracyTask, listTasks } from "./accuracy-tasks.ts";
import { type BenchDocument, benchDocument } from "./figures.ts";

export interface AccuracyOptions extends LaneOptions {
  readonly sets: readonly string[];
  /** Splits under way at once, each on a thread; 1 for this thread. */
  readonly threads: number;
  readonly command: string;
  /** Splits that an earlier run finished: not run again. */
  readonly finished: readonly AccuracyRow[];
  /** Whether nothing is run: the finished splits are summed up as they are. */
  readonly onlyFinished: boolean;
  /** Told of every split when it is finished. */
  readonly onFinished: (row: AccuracyRow) => Promise<void>;
}

/** Runs every split and compares. Cost: hours over large sets; progress tells how many are left. */
export async function benchAccuracy(
  options: AccuracyOptions,
  progress: Progress,
): Promise<BenchDocument<AccuracyMeasurements>> {
  const tasks = await listTasks({ ...options, seed: options.fit.seed });
  const rows = await runTasks(tasks, options, progress);
  const { measurements, figures, versions } = summariseAccuracy(rows);
  const { command } = options;
  return benchDocument({ bench: "accuracy", command, versions, measurements, figures });
}

async function runTasks(
  tasks: readonly AccuracyTask[],
  options: AccuracyOptions,
  progress: Progress,
): Promise<readonly AccuracyRow[]> {
  const { fit, corrupted, families, splits, mirror, python, peersFrom, threads } = options;
  const own: LaneOptions = { fit, corrupted, families, splits, mirror, python, peersFrom };
  checkRun(options.finished, runOf(own));
  const known = new Map(options.finished.map((row) => [nameOf(row.set, row.split), row] as const));
  const isKnown = ({ data, number }: AccuracyTask): boolean => known.has(nameOf(data.name, number));
  const queue = options.onlyFinished ? [] : tasks.filter((task) => !isKnown(task));
  if (peersFrom !== null) for (const task of queue) knownPeersOf(task, peersFrom);
  const report = countDown(queue, progress);
  const follow = async (lane: Lane): Promise<void> => {
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
      const name = nameOf(task.data.name, task.number);
      const split = { set: task.data.name, number: task.number };
      const row = await lane.run(split, report.of(name));
      known.set(name, row);
      await options.onFinished(row);
      report.finished(task);
    }
  };
  const lanes: Lane[] = [];
  try {
    for (let t = 0; t < Math.min(threads, queue.length); t++) {
      lanes.push(threads === 1 ? await openLane(own) : startLane(own));
    }
    await Promise.all(lanes.map(follow));
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return tasks.filter(isKnown).map(({ data, number }) => known.get(nameOf(data.name, number))!);
}

/** @throws INVALID_OPTION if a row is of a run with other options, or of another version. */
function checkRun(finished: readonly AccuracyRow[], run: string): void {
  const other = finished.find((row) => row.run !== run);
  if (other === undefined) return;
  const message =
    `finished splits must be of a run with the same options and version (${run}), ` +
    `${nameOf(other.set, other.split)} is of ${other.run}; leave --resume out to start anew`;
  throw new BailiwickError("INVALID_OPTION", message);
}

function nameOf(set: string, split: number): string {
  return `${set} ${split}`;
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
