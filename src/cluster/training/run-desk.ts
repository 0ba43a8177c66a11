/**
 * A run's answers to its trainers: parts of tasks, rows, and results, which are checked before the
 * task counts as done. Only a trainer that was given a task may ask for it.
 */
import type { TrainedNet } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import {
  type Delivered,
  EMPTY,
  type Fabric,
  invalidMessage,
  type Message,
  type Stop,
  zoneOfKey,
} from "../fabric/index.ts";
import type { Matrices } from "./matrices.ts";
import { MAX_ATTEMPTS, type OpenTask } from "./open-tasks.ts";
import { PART_BYTES, parseRows, parseRunRequest } from "./run-messages.ts";
import { decodeTrained } from "./wire.ts";

/** Bytes of everything that went to trainers and came back. */
export interface Moved {
  readonly rowBytes: number;
  readonly taskBytes: number;
  readonly resultBytes: number;
  /** Of rows, if every task brought all of its rows. */
  readonly reshuffledRowBytes: number;
  readonly nTasks: number;
  /** Tasks that were given to another trainer because theirs was gone or failed. */
  readonly nRedelivered: number;
  /** Tasks that were trained in this process because no trainer brought a result. */
  readonly nTrainedHere: number;
}

export type MovedCounts = { -readonly [K in keyof Moved]: Moved[K] };

export interface Desk {
  readonly open: ReadonlyMap<number, OpenTask>;
  readonly matrices: Matrices;
  readonly moved: MovedCounts;
  readonly zones: readonly string[] | undefined;
  /** Nodes that were given a task of this run. */
  readonly trainers: ReadonlySet<string>;
  /** A trainer brought a result that fits. */
  onResult(task: OpenTask, trainer: string, trained: TrainedNet): void;
  /** A trainer could not train a task, or brought no fitting result. */
  onFailure(task: OpenTask, why: string): void;
}

export function answerTrainers(fabric: Fabric, run: string, desk: Desk): Promise<Stop> {
  return fabric.answer(`bailiwick.run.${run}.*.*.*`, async (message) => {
    const { trainer, request } = parseRunRequest(message);
    checkTrainer(trainer, desk);
    if (request.what === "rows") return giveRows(request.matrix, message, desk);
    const task = desk.open.get(request.task);
    // Its result is there, or it is trained in this process.
    if (task === undefined || task.trainer === null)
      return { ...EMPTY, headers: { state: "done" } };
    if (!task.givenTo.has(trainer)) {
      throw invalidMessage("a trainer's request", `task ${task.id} was not given to ${trainer}`);
    }
    task.heardMs = nowMs();
    if (request.what === "task") return givePart(task, request.part, desk);
    if (request.what === "done") takeResult(task, trainer, message, desk);
    if (request.what === "failed") desk.onFailure(task, `${trainer} failed: ${request.why}`);
    return EMPTY;
  });
}

function checkTrainer(trainer: string, { zones, trainers }: Desk): void {
  const zone = zoneOfKey(trainer);
  if (zones !== undefined && !zones.includes(zone)) {
    const message = `rows must stay in ${zones.join(" or ")}, a node of ${zone} asked for them`;
    throw new BailiwickError("ZONE_CLOSED", message);
  }
  if (trainers.has(trainer)) return;
  throw invalidMessage("a trainer's request", `${trainer} was given no task of this run`);
}

function giveRows(matrix: number, { body }: Delivered, { matrices, moved }: Desk): Message {
  const values = matrices.take(matrix, parseRows(body));
  moved.rowBytes += values.byteLength;
  return { headers: {}, body: new Uint8Array(values.buffer) };
}

/** The first part begins an attempt. After too many, the trainer need not go on. */
function givePart(task: OpenTask, part: number, { moved, onFailure }: Desk): Message {
  if (part === 0) task.attempts += 1;
  if (task.attempts > MAX_ATTEMPTS) {
    onFailure(task, `it was begun ${MAX_ATTEMPTS} times and never finished`);
    return { ...EMPTY, headers: { state: "done" } };
  }
  const start = part * PART_BYTES;
  const body = task.bytes.subarray(start, start + PART_BYTES);
  moved.taskBytes += body.length;
  const state = start + PART_BYTES >= task.bytes.length ? "last" : "more";
  return { headers: { state }, body };
}

function takeResult(task: OpenTask, trainer: string, { body }: Delivered, desk: Desk): void {
  desk.moved.resultBytes += body.length;
  let trained: TrainedNet;
  try {
    trained = decodeTrained(body, task.task);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    desk.onFailure(task, `${trainer} brought no net: ${why}`);
    throw error;
  }
  desk.onResult(task, trainer, trained);
}
