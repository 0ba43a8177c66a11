/**
 * Training tasks on the trainers of a fabric.
 *
 * Tasks are jobs on the trainers' queues; a trainer fetches rows from here, each row once. Task k
 * of a list goes to the same trainer every time, so that the rows that an expert has won stay
 * where it is trained; a task that starts from an expert with a home is trained there. Bits are
 * those of training in this process.
 */
import { randomBytes } from "node:crypto";
import { expertHash } from "../../bundle/index.ts";
import { type Engine, type TrainedNet, type TrainTask, trainTasks } from "../../experts/index.ts";
import type { Executor } from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { every } from "../../shared/every.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Fabric } from "../fabric/index.ts";
import { type Directory, watchDirectory } from "../router/index.ts";
import { createMatrices } from "./matrices.ts";
import { openTask } from "./open-tasks.ts";
import {
  giveAllAgain,
  giveTask,
  lookAfter,
  type Run,
  takeFailure,
  takeResult,
  trainersOf,
} from "./run.ts";
import { answerTrainers, type Moved, type MovedCounts } from "./run-desk.ts";
import { createSpotChecks } from "./spot-checks.ts";
import { encodeTask } from "./wire.ts";

export type { Moved } from "./run-desk.ts";

export interface FabricExecutorOptions {
  /** Predicts, and trains what trainers do not. */
  readonly engine: Engine;
  /** Zones that rows may be in. Default: any. */
  readonly zones?: readonly string[];
  readonly log?: (line: string) => void;
  /** A trainer that is silent about all of its tasks for this long loses them. */
  readonly silentMs?: number;
  /** A task that takes a trainer longer than this is trained in this process. */
  readonly longestMs?: number;
}

export interface FabricExecutor extends Executor {
  moved(): Moved;
}

const WATCH_MS = 200;
const SILENT_MS = 15_000;
const LONGEST_MS = 600_000;

export async function createFabricExecutor(
  fabric: Fabric,
  options: FabricExecutorOptions,
): Promise<FabricExecutor> {
  const { engine } = options;
  const directory = await watchDirectory(fabric);
  const run = createRun(fabric, directory, options);
  const matrices = createMatrices();
  const stopAnswers = await answerTrainers(fabric, run.name, {
    open: run.open,
    trainers: run.givenTo,
    matrices,
    moved: run.moved,
    zones: options.zones,
    onResult: (task, trainer, trained) => takeResult(run, task, trainer, trained),
    onFailure: (task, why) => takeFailure(run, task, why),
  });
  const watching = every(WATCH_MS, () => lookAfter(run));
  fabric.jobs.onLost(() => giveAllAgain(run));
  let [nextTask, hasSaidAlone] = [0, false];
  const train = async (X: Matrix, tasks: readonly TrainTask[]): Promise<readonly TrainedNet[]> => {
    const there = trainersOf(run);
    if (there.length === 0) {
      if (!hasSaidAlone) run.log("no node trains: training here");
      hasSaidAlone = true;
      return trainTasks(engine, X, tasks);
    }
    if (run.open.size === 0) matrices.forgetOld();
    const refX = matrices.add(X.values, X.nColumns);
    return Promise.all(
      tasks.map(async (task, k): Promise<TrainedNet> => {
        const nOutputs = task.net.sizes.at(-1)!;
        const refs = { X: refX, targets: matrices.add(task.targets, nOutputs) };
        const bytes = encodeTask(task, refs);
        const { opened, result } = openTask(run.open, { id: nextTask++, X, task, bytes });
        run.moved.nTasks += 1;
        run.moved.reshuffledRowBytes += 4 * task.rows.length * (X.nColumns + nOutputs);
        await giveTask(run, opened, homeOf(task, directory, there) ?? there[k % there.length]!);
        return result;
      }),
    );
  };
  return {
    engine,
    train,
    moved: () => ({ ...run.moved }),
    close: async () => {
      await watching.stop();
      await stopAnswers();
      await directory.close();
      await engine.close();
    },
  };
}

function createRun(fabric: Fabric, directory: Directory, options: FabricExecutorOptions): Run {
  const { engine, zones, log = () => undefined } = options;
  const { silentMs = SILENT_MS, longestMs = LONGEST_MS } = options;
  return {
    name: randomBytes(8).toString("hex"),
    fabric,
    directory,
    engine,
    zones,
    log,
    silentMs,
    longestMs,
    open: new Map(),
    givenTo: new Set(),
    moved: nothingMoved(),
    checks: createSpotChecks(engine),
    failures: new Map(),
    nJobs: 0,
    trainersSeenMs: nowMs(),
  };
}

function nothingMoved(): MovedCounts {
  return {
    rowBytes: 0,
    taskBytes: 0,
    resultBytes: 0,
    reshuffledRowBytes: 0,
    nTasks: 0,
    nRedelivered: 0,
    nTrainedHere: 0,
  };
}

/** The trainer that holds the expert from which the task starts; null if none does. */
function homeOf(
  { net }: TrainTask,
  directory: Directory,
  trainers: readonly string[],
): string | null {
  if (Object.keys(directory.homes()).length === 0) return null;
  const homes = directory.homesOf(expertHash({ kind: "mlp", net }));
  return homes.find((key) => trainers.includes(key)) ?? null;
}
