/**
 * Committees against one good net, ensembles, baselines and other packages, over many data sets.
 *
 * Splits run on separate threads, and each is kept as soon as it is finished.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { unsettledRows } from "./convergence.ts";
import { type AssignedJob, nameOf, runJobs } from "./jobs.ts";
import { knownPeersOf } from "./known-peers.ts";
import { type LaneOptions, runOf } from "./lane.ts";
import type { AccuracyRow } from "./row.ts";
import { type AccuracyMeasurements, summariseAccuracy } from "./summary.ts";
import { type AccuracyTask, listTasks } from "./tasks.ts";

export interface AccuracyOptions extends LaneOptions {
  readonly sets: readonly string[];
  /** Splits under way at once, each on a thread; 1 for this thread. */
  readonly threads: number;
  readonly command: string;
  /** Splits of an earlier run that the errors are compared with. */
  readonly before: readonly AccuracyRow[] | null;
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
  const { measurements, figures, versions } = summariseAccuracy(rows, options.before);
  const { command } = options;
  return benchDocument({ bench: "accuracy", command, versions, measurements, figures });
}

async function runTasks(
  tasks: readonly AccuracyTask[],
  options: AccuracyOptions,
  progress: Progress,
): Promise<readonly AccuracyRow[]> {
  const { fit, corrupted, families, splits, mirror, python, peersFrom } = options;
  const laneOptions: LaneOptions = { fit, corrupted, families, splits, mirror, python, peersFrom };
  checkRun(options.finished, runOf(laneOptions));
  const known = new Map(options.finished.map((row) => [nameOf(row.set, row.split), row] as const));
  const rowOf = ({ data, number }: AccuracyTask): AccuracyRow | undefined =>
    known.get(nameOf(data.name, number));
  const rows = (): readonly AccuracyRow[] => tasks.flatMap((task) => rowOf(task) ?? []);
  if (options.onlyFinished) return rows();
  const left = tasks.filter((task) => rowOf(task) === undefined);
  if (peersFrom !== null) for (const task of left) knownPeersOf(task, peersFrom);
  const onFinished = async (row: AccuracyRow): Promise<void> => {
    known.set(nameOf(row.set, row.split), row);
    await options.onFinished(row);
  };
  const run = (jobs: readonly AssignedJob[], lane: LaneOptions, stage: Progress): Promise<void> =>
    runJobs(jobs, { lane, threads: options.threads, onFinished }, stage);
  const jobs = left.map((task) => ({ task, row: null }));
  await run(jobs, laneOptions, within(progress, 0, CHECK_FROM));
  // Only now is it clear on which sets the single net has not converged.
  const unsettled = new Set(unsettledRows(rows()));
  const further = tasks.flatMap((task) => {
    const row = rowOf(task);
    return row !== undefined && unsettled.has(row) ? [{ task, row }] : [];
  });
  // Peers have nothing to say here.
  await run(further, { ...laneOptions, python: null }, within(progress, CHECK_FROM, 1));
  return rows();
}

/** The part of the progress before the convergence check goes on. */
const CHECK_FROM = 0.95;

/** @throws INVALID_OPTION if a row is of a run with other options, or of another version. */
function checkRun(finished: readonly AccuracyRow[], run: string): void {
  const other = finished.find((row) => row.run !== run);
  if (other === undefined) return;
  const message =
    `finished splits must be of a run with the same options and version (${run}), ` +
    `${nameOf(other.set, other.split)} is of ${other.run}; leave --resume out to start again`;
  throw new BailiwickError("INVALID_OPTION", message);
}
