/**
 * A node that trains: it takes jobs off its queue, fetches what it lacks of a job from the run that
 * gave it, trains, and hands the net back. Done twice, it hands the same bits back twice.
 */
import type { Engine, TrainTask } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import {
  checkName,
  type Fabric,
  type Job,
  type Message,
  nodeKey,
  runSubject,
  type Stop,
} from "../fabric/index.ts";
import { createRowShards, type RowShards } from "./row-shards.ts";
import { decodeTask, encodeTrained, type MatrixRef, type WireTask } from "./wire.ts";

export interface TrainerOptions {
  readonly zone: string;
  readonly name: string;
  /** Trains on threads of its own: a job that holds the main thread would be given to another. */
  readonly engine: Engine;
  /** For rows. */
  readonly memoryBytes?: number;
  readonly log?: (line: string) => void;
}

const MEMORY_BYTES = 512 << 20;
const ASK_MS = 5000;
/** A part of an answer, below the fabric's own limit. */
export const PART_BYTES: number = 512 << 10;

export function queueOf(key: string): string {
  return `train.${key}`;
}

/** What a job says: whose it is, and which. */
export interface JobBody {
  readonly run: string;
  readonly task: number;
}

export async function startTrainer(fabric: Fabric, options: TrainerOptions): Promise<Stop> {
  const { engine, memoryBytes = MEMORY_BYTES, log = () => undefined } = options;
  const key = nodeKey(checkName("a zone", options.zone), checkName("a name", options.name));
  const shards = createRowShards(memoryBytes);
  return fabric.jobs.work(queueOf(key), async (job) => {
    const { run, task } = parseJob(job);
    const ask = (what: string, headers: Message["headers"], body: Uint8Array): Promise<Message> =>
      fabric.request(runSubject(run, key, what), { headers, body }, ASK_MS);
    try {
      const bytes = await fetchTask(ask, task);
      if (bytes === null) return;
      const wire = decodeTask(bytes);
      await fetchRows(ask, shards, run, wire);
      const [trained] = await trainOn(engine, shards, run, wire);
      await ask("done", { task: String(task) }, encodeTrained(trained!));
    } catch (error) {
      // Nobody is there to take it: the run has ended.
      if (error instanceof BailiwickError && /nobody is there/.test(error.message)) return;
      const why = error instanceof Error ? error.message : String(error);
      log(`task ${task} of run ${run} failed: ${why}`);
      throw error;
    }
  });
}

function parseJob({ body }: Job): JobBody {
  return JSON.parse(new TextDecoder().decode(body)) as JobBody;
}

type Ask = (what: string, headers: Message["headers"], body: Uint8Array) => Promise<Message>;

/** The task's bytes, part by part; null if the run has its result already. */
async function fetchTask(ask: Ask, task: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (let part = 0; ; part++) {
    const headers = { task: String(task), part: String(part) };
    const { headers: told, body } = await ask("task", headers, new Uint8Array(0));
    if (told["state"] === "done") return null;
    parts.push(Uint8Array.from(body));
    if (told["state"] === "last") return Buffer.concat(parts);
  }
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
      const answer = await ask("rows", { matrix: String(id) }, new Uint8Array(some.buffer));
      const values = new Float32Array(Uint8Array.from(answer.body).buffer);
      if (values.length !== some.length * nColumns) {
        const message = `rows must be ${some.length} of ${nColumns} columns, got ${values.length} numbers`;
        throw new BailiwickError("SHAPE_MISMATCH", message);
      }
      shards.put(matrix, nColumns, some, values);
    }
  }
}

/** On a matrix of the task's rows alone: the order of rows, not their numbers, decides the bits. */
function trainOn(
  engine: Engine,
  shards: RowShards,
  run: string,
  wire: WireTask,
): ReturnType<Engine["train"]> {
  const { head, rows, parameters, first, second, weights } = wire;
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
  return engine.train(X, [task]);
}
