/**
 * Requests for answers of experts as they go over the wire, and what comes back: the tensors of the
 * protocol's binary extension, rows once for all experts. Assumes a little-endian machine.
 */
import * as v from "valibot";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";

/** Rows, by their numbers, that one expert shall answer. */
export interface ExpertRows {
  /** The SHA-256 of the expert's blob. */
  readonly hash: string;
  readonly rows: Int32Array;
}

export interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of them are JSON. */
  readonly jsonLength: number;
}

export function encodeAsk(X: Matrix, asked: readonly ExpertRows[]): Encoded {
  const tensors = [X.values, ...asked.map(({ rows }) => rows)];
  const heads = [
    { name: "X", datatype: "FP32", shape: [X.nRows, X.nColumns] },
    ...asked.map(({ hash, rows }) => ({ name: hash, datatype: "INT32", shape: [rows.length] })),
  ].map((head, i) => ({ ...head, parameters: { binary_data_size: tensors[i]!.byteLength } }));
  const request = { inputs: heads, parameters: { binary_data_output: true } };
  const json = new TextEncoder().encode(JSON.stringify(request));
  const size = tensors.reduce((sum, { byteLength }) => sum + byteLength, json.length);
  const bytes = new Uint8Array(size);
  bytes.set(json);
  let at = json.length;
  for (const { buffer, byteOffset, byteLength } of tensors) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return { bytes, jsonLength: json.length };
}

const answerSchema = v.object({
  outputs: v.array(
    v.object({
      name: v.string(),
      datatype: v.literal("FP32"),
      shape: v.strictTuple([v.number()]),
      parameters: v.object({ binary_data_size: v.number() }),
    }),
  ),
});

/**
 * The answers in the order of `asked`.
 *
 * @throws SERVER_UNAVAILABLE for answers of other experts or to other rows, and for what is none.
 */
export function decodeAnswers(
  bytes: Uint8Array,
  jsonLength: number,
  asked: readonly ExpertRows[],
): readonly Float32Array[] {
  const { outputs } = parseAnswer(answerSchema, bytes.subarray(0, jsonLength));
  check(outputs.length === asked.length, `answers must be of ${asked.length} experts`);
  let at = jsonLength;
  return asked.map(({ hash, rows }, k) => {
    const output = outputs[k]!;
    const end = at + 4 * rows.length;
    const fits = output.name === hash && output.shape[0] === rows.length && end <= bytes.length;
    check(fits, `answer ${k} must be of expert ${hash} to ${rows.length} rows`);
    const values = new Float32Array(bytes.slice(at, end).buffer);
    check(values.every(Number.isFinite), `answers of expert ${hash} must be finite`);
    at = end;
    return values;
  });
}

const predictionSchema = v.object({
  version: v.string(),
  predictions: v.array(v.pipe(v.number(), v.finite())),
});

/** Answers to whole rows. @throws SERVER_UNAVAILABLE */
export function decodePredictions(
  bytes: Uint8Array,
  nRows: number,
): v.InferOutput<typeof predictionSchema> {
  const answer = parseAnswer(predictionSchema, bytes);
  check(answer.predictions.length === nRows, `predictions must be of ${nRows} rows`);
  return answer;
}

function parseAnswer<T>(schema: v.GenericSchema<unknown, T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw unlike(FOREIGN, cause);
  }
  const { success, output } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  throw unlike(FOREIGN);
}

const FOREIGN = "an answer must be as bailiwick's, found something else";

function check(holds: boolean, must: string): void {
  if (!holds) throw unlike(`${must}, found others`);
}

function unlike(message: string, cause?: unknown): BailiwickError {
  return new BailiwickError("SERVER_UNAVAILABLE", message, {}, cause);
}
