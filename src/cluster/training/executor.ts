/**
 * Training tasks on the trainers of a fabric.
 *
 * Tasks are jobs on the trainers' queues; each fetches its rows from here, once. Task k of a list
 * goes to the same trainer every time, so that the rows an expert has won stay where it is trained;
 * one that starts from an expert that has a home is trained there. A trainer that is gone loses its
 * tasks to the next. Bits are those of training here.
 */
import { randomBytes } from "node:crypto";
import { expertHash } from "../../bundle/index.ts";
import type { Engine, TrainedNet, TrainTask } from "../../experts/index.ts";
import type { Executor } from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Matrix } from "../../shared/matrix.ts";
import {
  type Delivered,
  type Fabric,
  type Message,
  type Stop,
  zoneOfKey,
} from "../fabric/index.ts";
import { type Table, watchTable } from "../router/index.ts";
import { PART_BYTES, queueOf } from "./trainer.ts";
import { decodeTrained, encodeTask, type MatrixRef } from "./wire.ts";

export interface FabricExecutorOptions {
  /** Predicts, and trains while there is no trainer. */
  readonly engine: Engine;
  /** Zones that rows may be in; any if left out. */
  readonly zones?: readonly string[];
  readonly log?: (line: string) => void;
}

/** Bytes of everything that went to trainers and came back. */
export interface Moved {
  readonly rowBytes: number;
  readonly taskBytes: number;
  readonly resultBytes: number;
  /** Of rows, if every task brought all of its own. */
  readonly reshuffledRowBytes: number;
  readonly nTasks: number;
  /** Tasks that were given to another trainer because theirs was gone. */
  readonly nRedelivered: number;
}

export interface FabricExecutor extends Executor {
  moved(): Moved;
}

interface Open {
  readonly task: TrainTask;
  readonly bytes: Uint8Array;
  trainer: string;
  resolve(trained: TrainedNet): void;
}

const WATCH_MS = 200;
/** Matrices that are kept when no task is open: those of the rounds before may come again. */
const KEPT_MATRICES = 16;

export async function createFabricExecutor(
  fabric: Fabric,
  { engine, zones, log = () => undefined }: FabricExecutorOptions,
): Promise<FabricExecutor> {
  const table = await watchTable(fabric);
  const run = randomBytes(8).toString("hex");
  const open = new Map<number, Open>();
  const matrices = createMatrices();
  const moved = nothingMoved();
  let nextTask = 0;
  let hasSaidAlone = false;
  const mayTrain = (key: string): boolean => zones === undefined || zones.includes(zoneOfKey(key));
  const trainers = (): readonly string[] =>
    [...table.nodes().values()]
      .filter(({ key, told }) => told.trains && table.isThere(key) && mayTrain(key))
      .map(({ key }) => key)
      .sort();

  const stop = await answerTrainers(fabric, run, { open, matrices, moved, zones });
  const give = async (id: number, trainer: string): Promise<void> => {
    const body = new TextEncoder().encode(JSON.stringify({ run, task: id }));
    await fabric.jobs.add(queueOf(trainer), `${run}-${id}`, body);
  };
  /** Tasks of a trainer that is gone go to one that is there. */
  const redeliver = async (): Promise<void> => {
    const there = trainers();
    for (const [id, own] of open) {
      if (there.includes(own.trainer) || there.length === 0) continue;
      const next = there[id % there.length]!;
      log(`${own.trainer} is gone: task ${id} goes to ${next}`);
      own.trainer = next;
      moved.nRedelivered += 1;
      await give(id, next);
    }
  };
  let isRedelivering = false;
  const watch = setInterval(() => {
    if (open.size === 0 || isRedelivering || !fabric.isConnected()) return;
    isRedelivering = true;
    redeliver()
      .catch(() => undefined)
      .finally(() => {
        isRedelivering = false;
      });
  }, WATCH_MS);

  const train = async (X: Matrix, tasks: readonly TrainTask[]): Promise<readonly TrainedNet[]> => {
    const there = trainers();
    if (there.length === 0) {
      if (!hasSaidAlone) log("no node trains: training here");
      hasSaidAlone = true;
      return engine.train(X, tasks);
    }
    if (open.size === 0) matrices.forgetOld();
    const refX = matrices.add(X.values, X.nColumns);
    return Promise.all(
      tasks.map(async (task, k): Promise<TrainedNet> => {
        const nOutputs = task.net.sizes.at(-1)!;
        const refs = { X: refX, targets: matrices.add(task.targets, nOutputs) };
        const id = nextTask++;
        const trainer = homeOf(task, table, there) ?? there[k % there.length]!;
        moved.nTasks += 1;
        moved.reshuffledRowBytes += 4 * task.rows.length * (X.nColumns + nOutputs);
        const bytes = encodeTask(task, refs);
        const trained = new Promise<TrainedNet>((resolve) => {
          open.set(id, { task, bytes, trainer, resolve });
        });
        await give(id, trainer);
        return trained;
      }),
    );
  };
  return {
    engine,
    train,
    moved: () => ({ ...moved }),
    close: async () => {
      clearInterval(watch);
      await stop();
      await table.close();
      await engine.close();
    },
  };
}

type Counts = { -readonly [K in keyof Moved]: Moved[K] };

function nothingMoved(): Counts {
  return {
    rowBytes: 0,
    taskBytes: 0,
    resultBytes: 0,
    reshuffledRowBytes: 0,
    nTasks: 0,
    nRedelivered: 0,
  };
}

interface Desk {
  readonly open: Map<number, Open>;
  readonly matrices: Matrices;
  readonly moved: Counts;
  readonly zones: readonly string[] | undefined;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** What trainers ask of a run: a task, rows, and to take a result. */
function answerTrainers(
  fabric: Fabric,
  run: string,
  { open, matrices, moved, zones }: Desk,
): Promise<Stop> {
  const handlers: Readonly<Record<string, (message: Delivered) => Message>> = {
    task: ({ headers }) => {
      const own = open.get(Number(headers["task"]));
      if (own === undefined) return { headers: { state: "done" }, body: NOTHING };
      const start = Number(headers["part"]) * PART_BYTES;
      const body = own.bytes.subarray(start, start + PART_BYTES);
      moved.taskBytes += body.length;
      const state = start + PART_BYTES >= own.bytes.length ? "last" : "more";
      return { headers: { state }, body };
    },
    rows: ({ headers, body }) => {
      const rows = new Int32Array(Uint8Array.from(body).buffer);
      const values = matrices.take(Number(headers["matrix"]), rows);
      moved.rowBytes += values.byteLength;
      return { headers: {}, body: new Uint8Array(values.buffer) };
    },
    done: ({ headers, body }) => {
      const id = Number(headers["task"]);
      const own = open.get(id);
      open.delete(id);
      moved.resultBytes += own === undefined ? 0 : body.length;
      own?.resolve(decodeTrained(body, own.task));
      return { headers: {}, body: NOTHING };
    },
  };
  return fabric.answer(`bailiwick.run.${run}.*.*.*`, async (message) => {
    const [zone, , what] = message.subject.split(".").slice(3) as [string, string, string];
    if (zones !== undefined && !zones.includes(zone)) {
      const text = `rows must stay in ${zones.join(" or ")}, a node of ${zone} asked for them`;
      throw new BailiwickError("ZONE_CLOSED", text);
    }
    const handler = handlers[what];
    if (handler !== undefined) return handler(message);
    throw new BailiwickError("INVALID_OPTION", `a run answers task, rows and done, not ${what}`);
  });
}

/** The trainer that holds the expert which the task starts from; null if none does. */
function homeOf({ net }: TrainTask, table: Table, trainers: readonly string[]): string | null {
  if (Object.keys(table.homes()).length === 0) return null;
  const homes = table.homesOf(expertHash({ kind: "mlp", net }));
  return homes.find((key) => trainers.includes(key)) ?? null;
}

interface Matrices {
  add(values: Float32Array, nColumns: number): MatrixRef;
  forgetOld(): void;
  /** @throws SHAPE_MISMATCH for a matrix or row that there is not. */
  take(id: number, rows: Int32Array): Float32Array;
}

/** By content: the same numbers are the same matrix, so that its rows are sent once. */
function createMatrices(): Matrices {
  const ids = new Map<string, number>();
  const byId = new Map<number, { values: Float32Array; nColumns: number }>();
  let next = 0;
  return {
    add: (values, nColumns) => {
      const content = sha256(bytesOf(values));
      const id = ids.get(content) ?? next++;
      ids.delete(content);
      ids.set(content, id);
      byId.set(id, { values, nColumns });
      return { id, nColumns };
    },
    forgetOld: () => {
      for (const [oldest, id] of ids) {
        if (ids.size <= KEPT_MATRICES) break;
        ids.delete(oldest);
        byId.delete(id);
      }
    },
    take: (id, rows) => {
      const matrix = byId.get(id);
      if (matrix === undefined) {
        throw new BailiwickError("SHAPE_MISMATCH", `matrix ${id} must be of this run, it is not`);
      }
      const { values, nColumns } = matrix;
      const taken = new Float32Array(rows.length * nColumns);
      rows.forEach((row, r) => {
        taken.set(values.subarray(row * nColumns, (row + 1) * nColumns), r * nColumns);
      });
      return taken;
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
