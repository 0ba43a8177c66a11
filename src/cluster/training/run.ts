/**
 * A run's tasks and who trains them. Training always ends: a task whose trainer is gone, silent, or
 * brings no fitting net goes to another trainer, and after a few attempts is trained in this
 * process.
 */
import type { Engine, TrainedNet } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { type Fabric, zoneOfKey } from "../fabric/index.ts";
import type { Directory } from "../router/index.ts";
import { MAX_ATTEMPTS, type OpenTask } from "./open-tasks.ts";
import type { MovedCounts } from "./run-desk.ts";
import { queueOf, writeJob } from "./run-messages.ts";
import type { SpotChecks } from "./spot-checks.ts";

export interface Run {
  readonly name: string;
  readonly fabric: Fabric;
  readonly directory: Directory;
  readonly engine: Engine;
  readonly zones: readonly string[] | undefined;
  readonly log: (line: string) => void;
  readonly silentMs: number;
  readonly longestMs: number;
  readonly open: Map<number, OpenTask>;
  /** Nodes that were given a task. */
  readonly givenTo: Set<string>;
  readonly moved: MovedCounts;
  readonly checks: SpotChecks;
  /** Tasks in a row that a trainer did not bring, by trainer. */
  readonly failures: Map<string, number>;
  nJobs: number;
  /** When there was last a trainer. */
  trainersSeenMs: number;
}

/** A trainer that did not bring this many tasks in a row gets no more of the run. */
const MAX_FAILURES = 3;
/** How long tasks wait for a trainer after the last one has gone. */
const ALONE_MS = 3000;

/** Nodes that may train for this run now, in the order of their keys. */
export function trainersOf({ directory, zones, checks, failures }: Run): readonly string[] {
  return [...directory.nodes().values()]
    .filter(({ key, announcement }) => announcement.trains && directory.isThere(key))
    .map(({ key }) => key)
    .filter((key) => zones === undefined || zones.includes(zoneOfKey(key)))
    .filter((key) => !checks.isDistrusted(key) && (failures.get(key) ?? 0) < MAX_FAILURES)
    .sort();
}

/** Puts the task into a trainer's queue; where that fails, it is trained in this process. */
export async function giveTask(run: Run, task: OpenTask, trainer: string): Promise<void> {
  task.trainer = trainer;
  task.givenTo.add(trainer);
  run.givenTo.add(trainer);
  task.givenMs = nowMs();
  task.heardMs = task.givenMs;
  run.nJobs += 1;
  const body = writeJob({ run: run.name, task: task.id });
  try {
    await run.fabric.jobs.add(queueOf(trainer), `${run.name}-${task.id}-${run.nJobs}`, body);
  } catch (error) {
    trainHere(run, task, error instanceof Error ? error.message : String(error));
  }
}

/** All tasks that trainers have, after their queues were lost. */
export async function giveAllAgain(run: Run): Promise<void> {
  const given = [...run.open.values()];
  for (const task of given) if (task.trainer !== null) await giveTask(run, task, task.trainer);
}

/** The trainer did not bring the task: it is passed on, and the trainer may be left out. */
export function takeFailure(run: Run, task: OpenTask, why: string): void {
  const { trainer } = task;
  if (trainer === null) return;
  const count = (run.failures.get(trainer) ?? 0) + 1;
  run.failures.set(trainer, count);
  if (count === MAX_FAILURES) run.log(`${trainer} failed ${count} times: it trains no more`);
  passOn(run, task, why);
}

/** To another trainer, or, after too many attempts or where there is none, to this process. */
function passOn(run: Run, task: OpenTask, why: string): void {
  const others = trainersOf(run).filter((key) => key !== task.trainer);
  const next = others[task.id % Math.max(1, others.length)];
  if (task.attempts >= MAX_ATTEMPTS || next === undefined) {
    trainHere(run, task, why);
    return;
  }
  run.log(`task ${task.id}: ${why}; it goes to ${next}`);
  run.moved.nRedelivered += 1;
  void giveTask(run, task, next);
}

/** A result that fits; one in some is checked before it counts. */
export function takeResult(run: Run, task: OpenTask, trainer: string, trained: TrainedNet): void {
  const { checks } = run;
  run.failures.delete(trainer);
  if (!checks.isDue(trainer)) {
    settle(run, task, trained);
    return;
  }
  checks
    .check(trainer, task, trained)
    .then((right) => {
      if (checks.isDistrusted(trainer)) {
        run.log(`${trainer} brought another net than this process: it trains no more for this run`);
      }
      settle(run, task, right);
    })
    .catch((error: unknown) => fail(run, task, error));
}

/** Passes on the tasks whose trainer is gone, silent or too slow. */
export function lookAfter(run: Run): void {
  const there = trainersOf(run);
  if (there.length > 0) run.trainersSeenMs = nowMs();
  const silent = silentTrainers(run);
  for (const task of [...run.open.values()]) {
    const { trainer } = task;
    if (trainer === null) continue;
    if (nowMs() - task.givenMs > run.longestMs) trainHere(run, task, `${trainer} takes too long`);
    else if (silent.has(trainer)) takeFailure(run, task, `${trainer} says nothing`);
    else if (!run.fabric.isConnected() || there.includes(trainer)) continue;
    else if (there.length > 0) passOn(run, task, `${trainer} is gone`);
    else if (nowMs() - run.trainersSeenMs > ALONE_MS) trainHere(run, task, "no trainer is left");
  }
}

/** Trainers of which nothing was heard for too long about any of their tasks. */
function silentTrainers({ open, silentMs }: Run): ReadonlySet<string> {
  const heard = new Map<string, number>();
  for (const { trainer, heardMs } of open.values()) {
    if (trainer !== null) heard.set(trainer, Math.max(heardMs, heard.get(trainer) ?? 0));
  }
  const silent = [...heard].filter(([, ms]) => nowMs() - ms > silentMs);
  return new Set(silent.map(([key]) => key));
}

function trainHere(run: Run, task: OpenTask, why: string): void {
  if (task.trainer === null) return;
  run.log(`task ${task.id}: ${why}; it is trained in this process`);
  task.trainer = null;
  run.moved.nTrainedHere += 1;
  run.engine
    .train(task.X, [task.task])
    .then(([trained]) => settle(run, task, trained!))
    .catch((error: unknown) => fail(run, task, error));
}

/** The first result counts; those that come later are the same. */
function settle({ open }: Run, task: OpenTask, trained: TrainedNet): void {
  if (open.delete(task.id)) task.resolve(trained);
}

function fail({ open }: Run, task: OpenTask, error: unknown): void {
  if (open.delete(task.id)) task.reject(error);
}
