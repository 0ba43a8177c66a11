/** The tasks of a run that have no result yet: who has each, and when something was heard of it. */
import type { TrainedNet, TrainTask } from "../../experts/index.ts";
import { nowMs } from "../../shared/clock.ts";
import type { Matrix } from "../../shared/matrix.ts";

export interface OpenTask {
  readonly id: number;
  readonly X: Matrix;
  readonly task: TrainTask;
  readonly bytes: Uint8Array;
  /** Every trainer that it was given to; no other node may ask for it. */
  readonly givenTo: Set<string>;
  /** The trainer that has it now; null while it is trained in this process. */
  trainer: string | null;
  /** How often a trainer has begun it. */
  attempts: number;
  /** When it was given to its trainer. */
  givenMs: number;
  /** When something was last heard of it. */
  heardMs: number;
  resolve(trained: TrainedNet): void;
  reject(error: unknown): void;
}

/** A task that is begun more often than this is trained in this process. */
export const MAX_ATTEMPTS = 3;

export interface NewTask {
  readonly id: number;
  readonly X: Matrix;
  readonly task: TrainTask;
  readonly bytes: Uint8Array;
}

/** Adds a task. @returns The task, and its result to wait for. */
export function openTask(
  open: Map<number, OpenTask>,
  own: NewTask,
): { readonly opened: OpenTask; readonly result: Promise<TrainedNet> } {
  let opened: OpenTask | null = null;
  const result = new Promise<TrainedNet>((resolve, reject) => {
    const now = nowMs();
    const start = { trainer: null, attempts: 0, givenMs: now, heardMs: now };
    opened = { ...own, ...start, givenTo: new Set(), resolve, reject };
  });
  // A failure before anybody waits for the result is no unhandled one.
  result.catch(() => undefined);
  open.set(own.id, opened!);
  return { opened: opened!, result };
}
