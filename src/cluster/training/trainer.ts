/**
 * A node that trains: it takes jobs off its queue, fetches from the run what it lacks of a task,
 * trains, and sends the net back. A task done twice gives the same bits twice.
 */
import { type Engine, type TrainedNet, type TrainTask, trainTasks } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { every } from "../../shared/every.ts";
import {
  checkName,
  type Fabric,
  type Headers,
  invalidMessage,
  type Message,
  nodeKey,
  runSubject,
  type Stop,
} from "../fabric/index.ts";
import { createRowShards, type RowShards } from "./row-shards.ts";
import {
  failedHeaders,
  type JobBody,
  PART_BYTES,
  parseJob,
  parsePart,
  queueOf,
} from "./run-messages.ts";
import { decodeTask, encodeTrained, type MatrixRef, type WireTask } from "./wire.ts";

export interface TrainerOptions {
  readonly zone: string;
  readonly name: string;
  /** Trains on threads: a job that blocks the main thread would be given to another trainer. */
  readonly engine: Engine;
  /** For rows. */
  readonly memoryBytes?: number;
  readonly log?: (line: string) => void;
}

const MEMORY_BYTES = 512 << 20;
const ASK_MS = 5000;
const WORKING_MS = 2000;
const MAX_TASK_BYTES = 1 << 30;

export async function startTrainer(fabric: Fabric, options: TrainerOptions): Promise<Stop> {
  const { engine, memoryBytes = MEMORY_BYTES, log = () => undefined } = options;
  const key = nodeKey(checkName("a zone", options.zone), checkName("a name", options.name));
  const shards = createRowShards(memoryBytes);
  return fabric.jobs.work(queueOf(key), async ({ body }) => {
    // A job that is none is done with: it would be none the next time too.
    const job = fabric.refusals.accept(() => parseJob(body));
    if (job === null) return;
    const ask: Ask = (what, headers, own = new Uint8Array(0)) =>
      fabric.request(runSubject(job.run, key, what), { headers, body: own }, ASK_MS);
    try {
      await workOn({ engine, shards, ask, ...job });
    } catch (error) {
      if (isAbsent(error)) return;
      fabric.refusals.count(error);
      const why = error instanceof Error ? error.message : String(error);
      log(`task ${job.task} of run ${job.run} failed: ${why}`);
      await report(ask, job.task, why);
    }
  });
}

type Ask = (what: string, headers: Headers, body?: Uint8Array) => Promise<Message>;

interface Work extends JobBody {
  readonly engine: Engine;
  readonly shards: RowShards;
  readonly ask: Ask;
}

async function workOn({ engine, shards, ask, run, task }: Work): Promise<void> {
  const bytes = await fetchTask(ask, task);
  if (bytes === null) return;
  const headers = { task: String(task) };
  const working = every(WORKING_MS, () => ask("working", headers));
  let trained: TrainedNet;
  try {
    const wire = decodeTask(bytes);
    await fetchRows(ask, shards, run, wire);
    trained = await trainOn(engine, shards, run, wire);
  } finally {
    await working.stop();
  }
  await ask("done", headers, encodeTrained(trained));
}

/** Tells the run, which decides what becomes of the task. @throws If the run does not hear it. */
async function report(ask: Ask, task: number, why: string): Promise<void> {
  try {
    await ask("failed", failedHeaders(task, why));
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** The run has ended: the task is not needed any more. */
function isAbsent(error: unknown): boolean {
  return error instanceof BailiwickError && error.code === "NODE_ABSENT";
}

/** The task's bytes, part by part; null if the run does not need it any more. */
async function fetchTask(ask: Ask, task: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (let part = 0; part * PART_BYTES < MAX_TASK_BYTES; part++) {
    const answer = await ask("task", { task: String(task), part: String(part) });
    const state = parsePart(answer);
    if (state === "done") return null;
    parts.push(Uint8Array.from(answer.body));
    if (state === "last") return Buffer.concat(parts);
  }
  throw invalidMessage("a training task", `it must be below ${MAX_TASK_BYTES} bytes`);
}

async function fetchRows(
  ask: Ask,
  shards: RowShards,
  run: string,
  { head, rows }: WireTask,
): Promise<void> {
  for (const { id, nColumns } of [head.X, head.targets]) {
    const matrix = `${run}/${id}`;
    const missing = shards.missing(matrix, rows);
    const most = Math.max(1, Math.floor(PART_BYTES / (4 * nColumns)));
    for (let start = 0; start < missing.length; start += most) {
      const some = missing.slice(start, start + most);
      const { body } = await ask("rows", { matrix: String(id) }, new Uint8Array(some.buffer));
      if (body.length !== 4 * some.length * nColumns) {
        const wanted = `${some.length} rows of ${nColumns} columns`;
        throw invalidMessage("rows for training", `they must be ${wanted}, got ${body.length} B`);
      }
      const values = new Float32Array(Uint8Array.from(body).buffer);
      shards.put({ matrix, nColumns, rows: some, values });
    }
  }
}

/**
 * Trains on a matrix of the task's rows alone: their order, not their numbers, decides the bits.
 */
async function trainOn(
  engine: Engine,
  shards: RowShards,
  run: string,
  { head, rows, parameters, first, second, weights }: WireTask,
): Promise<TrainedNet> {
  const take = ({ id, nColumns }: MatrixRef): Float32Array =>
    shards.take(`${run}/${id}`, nColumns, rows);
  const X = { values: take(head.X), nRows: rows.length, nColumns: head.X.nColumns };
  const task: TrainTask = {
    net: { sizes: head.sizes, activation: head.activation, parameters },
    ...(head.momentStep === null ? {} : { moments: { first, second, step: head.momentStep } }),
    loss: head.loss,
    targets: take(head.targets),
    rows: Int32Array.from(rows, (_, r) => r),
    weights: head.hasWeights ? weights : null,
    options: head.options,
  };
  const [trained] = await trainTasks(engine, X, [task]);
  return trained!;
}
