/**
 * Committees against one good net, ensembles, baselines and other packages, over many data sets.
 *
 * A set's published splits are used where it has them, ten folds otherwise. Splits are run round
 * by round, the first of every set before the second of any: a run that is cut short has all sets.
 */
import {
  groupedKFold,
  kFold,
  type OpenedData,
  openData,
  publishedSplits,
  type SelectedTarget,
  type Split,
  selectFrom,
} from "../data/index.ts";
import type { Executor, FitOptions } from "../mixture/index.ts";
import { nowMs } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Progress } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { startAccuracyPeers } from "./accuracy-peers.ts";
import {
  type AccuracyMeans,
  type AccuracyRow,
  type AccuracyTask,
  runAccuracySplit,
} from "./accuracy-split.ts";
import { type AccuracyMeasurements, summariseAccuracy } from "./accuracy-summary.ts";
import { type BenchDocument, benchDocument } from "./figures.ts";

export interface AccuracyOptions {
  readonly sets: readonly string[];
  /** Splits of a set at most; null for 5 of a large set and all of a small one. */
  readonly nSplits: number | null;
  readonly fit: FitOptions;
  readonly mirror?: string | undefined;
  /** Interpreter of the peers; null to leave them out. */
  readonly python: string | null;
  readonly command: string;
  /** Splits that an earlier run finished: not run again. */
  readonly finished: readonly AccuracyRow[];
  /** Told of every split when it is finished. */
  readonly onFinished: (row: AccuracyRow) => Promise<void>;
}

const FOLDS = 10;
/** A set of more rows is large: fewer of its splits are run. */
const LARGE = 3000;
const SPLITS_OF_LARGE = 5;
/** Baselines that need a fit of their own: on so many splits of a small set. */
const WHOLE_SPLITS = 3;
/** Splits under way at once: while one waits for its peers, another trains. */
const AT_ONCE = 2;
/** On many rows, experts that start from a trained net need fewer steps than it did. */
const SHARE_OF_LARGE = 0.5;

/** Runs every split and compares. Cost: hours over large sets; progress tells how many are left. */
export async function benchAccuracy(
  options: AccuracyOptions,
  executor: Executor,
  progress: Progress,
): Promise<BenchDocument<AccuracyMeasurements>> {
  const tasks = await listTasks(options);
  const rows = await runTasks(tasks, options, executor, progress);
  const { measurements, figures, versions } = summariseAccuracy(rows);
  const { command } = options;
  return benchDocument({ bench: "accuracy", command, versions, measurements, figures });
}

async function listTasks(options: AccuracyOptions): Promise<readonly AccuracyTask[]> {
  const bySet: (readonly AccuracyTask[])[] = [];
  for (const set of options.sets) bySet.push(await tasksOf(set, options));
  const smallFirst = bySet.sort((a, b) => a[0]!.table.y.length - b[0]!.table.y.length);
  const longest = Math.max(...smallFirst.map((tasks) => tasks.length));
  return Array.from({ length: longest }, (_, s) =>
    smallFirst.flatMap((tasks) => tasks[s] ?? []),
  ).flat();
}

async function tasksOf(
  set: string,
  { mirror, nSplits, fit: { seed } }: AccuracyOptions,
): Promise<readonly AccuracyTask[]> {
  const data = await openData(set, { mirror });
  const table = selectFrom(data, {});
  const isLarge = table.y.length > LARGE;
  const splits = await splitsOf(data, table, seed);
  const most = nSplits ?? (isLarge ? SPLITS_OF_LARGE : splits.length);
  return splits.slice(0, most).map((split, number) => {
    const isWhole = !isLarge && number < WHOLE_SPLITS;
    return { data, table, number, split, isWhole };
  });
}

async function splitsOf(
  data: OpenedData,
  { y, groups }: SelectedTarget,
  seed: number,
): Promise<readonly Split[]> {
  if (data.dataset?.splits !== null && data.dataset !== null) return publishedSplits(data);
  const own = { folds: FOLDS, seed: childSeed(seed, "folds") };
  return groups === null ? kFold(y.length, own) : groupedKFold(groups, own);
}

async function runTasks(
  tasks: readonly AccuracyTask[],
  options: AccuracyOptions,
  executor: Executor,
  progress: Progress,
): Promise<readonly AccuracyRow[]> {
  const known = new Map(options.finished.map((row) => [nameOf(row.set, row.split), row] as const));
  const queue = tasks.filter(({ data, number }) => !known.has(nameOf(data.name, number)));
  const report = countDown(queue, progress);
  const lane = async (): Promise<void> => {
    const means = await startMeans(options, executor);
    try {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        const name = nameOf(task.data.name, task.number);
        const row = await runAccuracySplit(task, fitOf(task, options), means, report.of(name));
        known.set(name, row);
        await options.onFinished(row);
        report.finished(task);
      }
    } finally {
      means.peers?.process.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, lane));
  return tasks.map(({ data, number }) => known.get(nameOf(data.name, number))!);
}

function nameOf(set: string, split: number): string {
  return `${set} ${split}`;
}

function fitOf({ number, table }: AccuracyTask, { fit }: AccuracyOptions): FitOptions {
  const seed = childSeed(fit.seed, `split ${number}`);
  const isLarge = table.y.length > LARGE;
  return { ...fit, seed, ...(isLarge ? { minSpecialistShare: SHARE_OF_LARGE } : {}) };
}

/** @throws WORKER_FAILED with the reason if peers are wanted and cannot run. */
async function startMeans({ python }: AccuracyOptions, executor: Executor): Promise<AccuracyMeans> {
  if (python === null) return { executor, peers: null };
  const peers = await startAccuracyPeers(python);
  if ("absent" in peers) throw new BailiwickError("WORKER_FAILED", peersMissing(peers.absent));
  return { executor, peers };
}

function peersMissing(why: string): string {
  return (
    `the peers must run, but ${why}; install test/bench/peers/requirements-accuracy.txt and name ` +
    "its Python in BAILIWICK_PYTHON, or leave them out with --no-peers"
  );
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
