/**
 * Training tasks and trained nets as bytes: a version, a head of JSON, then numbers, little-endian.
 *
 *   u8 version   u32 length of the head   the head   each array, one after the other
 *
 * Both are checked by a schema, and no byte may be missing or left over.
 */
import { z } from "zod";
import {
  isFiniteNet,
  MAX_LAYER_WIDTH,
  MAX_LAYERS,
  type Net,
  type TrainedNet,
  type TrainTask,
} from "../../experts/index.ts";
import { invalidMessage, readMessage } from "../fabric/index.ts";

const VERSION = 1;
const HEAD_AT = 5;
const TASK = "a training task";
const TRAINED = "a trained net";

const count = z.int().nonnegative();
const number = z.number();
const MAX_ROWS = 2 ** 31 - 1;

/** A matrix of the run by its number. */
const matrixSchema: z.ZodType<MatrixRef> = z.object({
  id: count,
  nColumns: z.int().min(1).max(1_000_000),
});

const taskSchema: z.ZodType<TaskHead> = z.object({
  X: matrixSchema,
  targets: matrixSchema,
  sizes: z
    .array(z.int().min(1).max(MAX_LAYER_WIDTH))
    .min(2)
    .max(MAX_LAYERS + 1)
    .readonly(),
  activation: z.enum(["tanh", "relu", "silu"]),
  loss: z.enum(["squared-error", "cross-entropy"]),
  options: z.object({
    steps: count,
    batchSize: z.int().positive(),
    learningRate: number,
    weightDecay: number,
    schedule: z.enum(["cosine", "constant"]),
    warmupSteps: count,
    clipNorm: number,
    seed: z.int(),
  }),
  /** Steps that its moments have seen; null without moments. */
  momentStep: count.nullable(),
  hasWeights: z.boolean(),
  nRows: z.int().min(1).max(MAX_ROWS),
  nParameters: count,
});

const trainedSchema = z.object({ step: count });

/** A task without its arrays; rows are numbers of the run's matrices. */
export interface TaskHead {
  readonly X: MatrixRef;
  readonly targets: MatrixRef;
  readonly sizes: readonly number[];
  readonly activation: Net["activation"];
  readonly loss: TrainTask["loss"];
  readonly options: TrainTask["options"];
  readonly momentStep: number | null;
  readonly hasWeights: boolean;
  readonly nRows: number;
  readonly nParameters: number;
}

export interface MatrixRef {
  readonly id: number;
  readonly nColumns: number;
}

export interface WireTask {
  readonly head: TaskHead;
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly rows: Int32Array;
  /** Of these rows, in their order. */
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
  const ofRows = weights === null ? [] : [Float32Array.from(rows, (i) => weights[i]!)];
  const memory = moments === undefined ? [] : [moments.first, moments.second];
  return encode(head, [net.parameters, ...memory, rows, ...ofRows]);
}

/** @throws MESSAGE_INVALID unless the bytes are a task. */
export function decodeTask(bytes: Uint8Array): WireTask {
  const parts = decode(TASK, taskSchema, bytes);
  const { nParameters, nRows, momentStep, hasWeights } = parts.head;
  const nMoments = momentStep === null ? 0 : nParameters;
  const wire = {
    head: parts.head,
    parameters: new Float32Array(parts.take(nParameters)),
    first: new Float32Array(parts.take(nMoments)),
    second: new Float32Array(parts.take(nMoments)),
    rows: new Int32Array(parts.take(nRows)),
    weights: new Float32Array(parts.take(hasWeights ? nRows : 0)),
  };
  parts.end();
  if (wire.rows.some((row) => row < 0)) throw invalidMessage(TASK, "rows must not be negative");
  return wire;
}

export function encodeTrained({ net, moments }: TrainedNet): Uint8Array {
  return encode({ step: moments.step }, [net.parameters, moments.first, moments.second]);
}

/**
 * The net that a trainer made of a task. Its parameters are finite.
 *
 * @throws MESSAGE_INVALID unless the bytes are a net of the task's shape.
 */
export function decodeTrained(bytes: Uint8Array, task: TrainTask): TrainedNet {
  const n = task.net.parameters.length;
  const parts = decode(TRAINED, trainedSchema, bytes);
  const parameters = new Float32Array(parts.take(n));
  const [first, second] = [new Float32Array(parts.take(n)), new Float32Array(parts.take(n))];
  parts.end();
  const { sizes, activation } = task.net;
  const net = { sizes, activation, parameters };
  if (!isFiniteNet(net)) throw invalidMessage(TRAINED, "its parameters must be finite");
  return { net, moments: { first, second, step: parts.head.step } };
}

function encode(head: object, arrays: readonly (Float32Array | Int32Array)[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const nBytes = arrays.reduce((sum, { byteLength }) => sum + byteLength, HEAD_AT + text.length);
  const bytes = new Uint8Array(nBytes);
  bytes[0] = VERSION;
  new DataView(bytes.buffer).setUint32(1, text.length, true);
  bytes.set(text, HEAD_AT);
  let at = HEAD_AT + text.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

interface Parts<T> {
  readonly head: T;
  /** A copy of the next `n` 32-bit numbers. @throws MESSAGE_INVALID if there are fewer. */
  take(n: number): ArrayBuffer;
  /** @throws MESSAGE_INVALID if bytes are left over. */
  end(): void;
}

function decode<T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): Parts<T> {
  const { length } = bytes;
  if (length < HEAD_AT) throw invalidMessage(what, `${length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (view.getUint8(0) !== VERSION) {
    throw invalidMessage(what, `its version must be ${VERSION}, got ${view.getUint8(0)}`);
  }
  let at = HEAD_AT + view.getUint32(1, true);
  if (at > length) throw invalidMessage(what, `it must be at least ${at} bytes, got ${length}`);
  const head = readMessage(what, schema, bytes.subarray(HEAD_AT, at));
  return {
    head,
    take: (n) => {
      const end = at + 4 * n;
      if (!(end <= length)) {
        throw invalidMessage(what, `it must be at least ${end} bytes, got ${length}`);
      }
      const copy = Uint8Array.from(bytes.subarray(at, end));
      at = end;
      return copy.buffer;
    },
    end: () => {
      if (at < length) throw invalidMessage(what, `${length - at} bytes are left over`);
    },
  };
}
