/**
 * Training tasks and trained nets as bytes: a head of JSON, then numbers, little-endian.
 *
 *   u32 length of the head, the head, then each array in the order of `ARRAYS`
 */
import type { Net, TrainedNet, TrainTask } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";

/** What a task is but its arrays and the matrices that its rows are of. */
export interface TaskHead {
  readonly X: MatrixRef;
  readonly targets: MatrixRef;
  readonly sizes: readonly number[];
  readonly activation: Net["activation"];
  readonly loss: TrainTask["loss"];
  readonly options: TrainTask["options"];
  /** Steps that its moments have seen; null without moments. */
  readonly momentStep: number | null;
  readonly hasWeights: boolean;
  readonly nRows: number;
  readonly nParameters: number;
}

/** A matrix of the run by its number. */
export interface MatrixRef {
  readonly id: number;
  readonly nColumns: number;
}

/** A task whose rows are numbers of the run's matrices; weights are of these rows, in their order. */
export interface WireTask {
  readonly head: TaskHead;
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly rows: Int32Array;
  readonly weights: Float32Array;
}

export function encodeTask(
  task: TrainTask,
  refs: { readonly X: MatrixRef; readonly targets: MatrixRef },
): Uint8Array {
  const { net, moments, rows, weights, loss, options } = task;
  const head: TaskHead = {
    ...refs,
    sizes: net.sizes,
    activation: net.activation,
    loss,
    options,
    momentStep: moments?.step ?? null,
    hasWeights: weights !== null,
    nRows: rows.length,
    nParameters: net.parameters.length,
  };
  const own = weights === null ? [] : [Float32Array.from(rows, (i) => weights[i]!)];
  const memory = moments === undefined ? [] : [moments.first, moments.second];
  return encode(head, [net.parameters, ...memory, rows, ...own]);
}

/** @throws SHAPE_MISMATCH for bytes that are no task. */
export function decodeTask(bytes: Uint8Array): WireTask {
  const { head, take } = decode<TaskHead>(bytes);
  const { nParameters, nRows, momentStep, hasWeights } = head;
  const parameters = new Float32Array(take(nParameters));
  const first = new Float32Array(take(momentStep === null ? 0 : nParameters));
  const second = new Float32Array(take(momentStep === null ? 0 : nParameters));
  const rows = new Int32Array(take(nRows));
  const weights = new Float32Array(take(hasWeights ? nRows : 0));
  return { head, parameters, first, second, rows, weights };
}

export function encodeTrained({ net, moments }: TrainedNet): Uint8Array {
  const head = { sizes: net.sizes, activation: net.activation, step: moments.step };
  return encode(head, [net.parameters, moments.first, moments.second]);
}

/** @throws SHAPE_MISMATCH unless it is a net of so many parameters. */
export function decodeTrained(bytes: Uint8Array, task: TrainTask): TrainedNet {
  const n = task.net.parameters.length;
  const { head, take } = decode<{ readonly step: number }>(bytes);
  const parameters = new Float32Array(take(n));
  const [first, second] = [new Float32Array(take(n)), new Float32Array(take(n))];
  const { sizes, activation } = task.net;
  return { net: { sizes, activation, parameters }, moments: { first, second, step: head.step } };
}

function encode(head: object, arrays: readonly (Float32Array | Int32Array)[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const nBytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, 4 + text.length);
  const bytes = new Uint8Array(nBytes);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  let at = 4 + text.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** `take` gives a copy of the next so many 32-bit numbers. */
function decode<T>(bytes: Uint8Array): {
  readonly head: T;
  take(count: number): ArrayBuffer;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + view.getUint32(0, true);
  if (at > bytes.length) throw broken(at, bytes.length);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, at))) as T;
  return {
    head,
    take: (count) => {
      const end = at + 4 * count;
      if (!(end <= bytes.length)) throw broken(end, bytes.length);
      const copy = Uint8Array.from(bytes.subarray(at, end));
      at = end;
      return copy.buffer;
    },
  };
}

function broken(wanted: number, found: number): BailiwickError {
  const message = `a training message must be at least ${wanted} bytes, got ${found}`;
  return new BailiwickError("SHAPE_MISMATCH", message);
}
