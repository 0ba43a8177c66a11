/**
 * Micro-batching: small requests of the same moment are predicted together, large ones in slices,
 * so that no request waits for another one of a hundred thousand rows.
 *
 * A row's answer depends on that row alone, so gathering and cutting change no bit of it. A batch
 * is predicted when it is full, or after `batchWaitMs`; by default as soon as everything that has
 * arrived is read, which adds no wait.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { BailiwickError } from "../shared/errors.ts";
import type { Matrix } from "../shared/matrix.ts";
import { joinAnswers, partOf, type RoutedPrediction } from "./answer.ts";
import type { Limits } from "./limits.ts";
import { overloaded } from "./refusal.ts";

/** Requests of more rows than this part of a batch gain nothing by being gathered. */
const SMALL_PART = 1 / 4;
/** Rows that are predicted before others get their turn: some milliseconds. */
const SLICE_ROWS = 4096;

/** Rows that wait for a prediction, of all models together. */
export interface RowQueue {
  rows: number;
}

export interface Batcher {
  /**
   * @param rowClass - The client's name for the rows, if it decides where they may go.
   * @throws a 503 if more rows wait than the queue may hold.
   */
  predict(X: Matrix, rowClass?: string | null): Promise<RoutedPrediction>;
  /** Predicts what is gathered, now. */
  flush(): void;
}

export type BatchLimits = Pick<Limits, "batchRows" | "batchWaitMs" | "maxQueuedRows">;

interface Waiting {
  readonly X: Matrix;
  resolve(answer: RoutedPrediction): void;
  reject(error: unknown): void;
}

export function createBatcher(
  predict: (X: Matrix) => RoutedPrediction,
  queue: RowQueue,
  limits: BatchLimits,
): Batcher {
  let waiting: Waiting[] = [];
  let nWaiting = 0;
  let cancel: (() => void) | null = null;

  const flush = (): void => {
    cancel?.();
    cancel = null;
    const batch = waiting;
    waiting = [];
    nWaiting = 0;
    if (batch.length > 0) answerBatch(predict, batch);
  };
  const gather = (X: Matrix): Promise<RoutedPrediction> =>
    new Promise((resolve, reject) => {
      waiting.push({ X, resolve, reject });
      nWaiting += X.nRows;
      if (nWaiting >= limits.batchRows) flush();
      else cancel ??= schedule(flush, limits.batchWaitMs);
    });

  return {
    flush,
    predict: async (X, rowClass = null) => {
      if (rowClass !== null) {
        const message = "rows must be of no class: this server has none of them pinned to a zone";
        throw new BailiwickError("INVALID_OPTION", message);
      }
      return admit(X, queue, limits, async () => {
        if (X.nRows <= limits.batchRows * SMALL_PART) return gather(X);
        return X.nRows <= SLICE_ROWS ? predict(X) : predictSlices(predict, X);
      });
    },
  };
}

/** Predicts elsewhere. Requests are sent one by one, so that none fails for another's rows. */
export function createSender(
  predict: (X: Matrix, rowClass: string | null) => Promise<RoutedPrediction>,
  queue: RowQueue,
  limits: BatchLimits,
): Batcher {
  return {
    flush: () => undefined,
    predict: (X, rowClass = null) => admit(X, queue, limits, () => predict(X, rowClass)),
  };
}

async function admit(
  { nRows }: Matrix,
  queue: RowQueue,
  { maxQueuedRows }: BatchLimits,
  work: () => Promise<RoutedPrediction>,
): Promise<RoutedPrediction> {
  if (queue.rows + nRows > maxQueuedRows) {
    throw overloaded(`at most ${maxQueuedRows} rows may wait, ${queue.rows} do`);
  }
  queue.rows += nRows;
  try {
    return await work();
  } finally {
    queue.rows -= nRows;
  }
}

/** Runs `action` later; returns what keeps it from running. */
function schedule(action: () => void, waitMs: number): () => void {
  if (waitMs > 0) {
    const timer = setTimeout(action, waitMs);
    return () => clearTimeout(timer);
  }
  const turn = setImmediate(action);
  return () => clearImmediate(turn);
}

function answerBatch(predict: (X: Matrix) => RoutedPrediction, batch: readonly Waiting[]): void {
  try {
    const answer = predict(stack(batch.map(({ X }) => X)));
    let start = 0;
    for (const { X, resolve } of batch) {
      resolve(batch.length === 1 ? answer : partOf(answer, start, start + X.nRows));
      start += X.nRows;
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

/** Matrices of equal width under each other. */
function stack(parts: readonly Matrix[]): Matrix {
  if (parts.length === 1) return parts[0]!;
  const nRows = parts.reduce((sum, part) => sum + part.nRows, 0);
  const { nColumns } = parts[0]!;
  const values = new Float32Array(nRows * nColumns);
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return { values, nRows, nColumns };
}

async function predictSlices(
  predict: (X: Matrix) => RoutedPrediction,
  { values, nRows, nColumns }: Matrix,
): Promise<RoutedPrediction> {
  const answers: RoutedPrediction[] = [];
  for (let start = 0; start < nRows; start += SLICE_ROWS) {
    if (start > 0) await nextTurn();
    const end = Math.min(nRows, start + SLICE_ROWS);
    const part = values.subarray(start * nColumns, end * nColumns);
    answers.push(predict({ values: part, nRows: end - start, nColumns }));
  }
  return joinAnswers(answers);
}
