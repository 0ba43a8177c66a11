/**
 * Rows on their way to a node and answers on their way back: headers and 32-bit floats, row-major.
 */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import type { Matrix } from "../../shared/matrix.ts";
import {
  headerNumber,
  invalidMessage,
  type Message,
  readHeaders,
  sha256Schema,
} from "../fabric/index.ts";
import { PADDED_ROWS } from "../seal/index.ts";
import { checkProtocol, PROTOCOL } from "./announcement.ts";

/** Which expert is asked, in which version, under which term of the placer. */
export interface Asked {
  /** As its bundle names it, for example "m0.e1". */
  readonly expert: string;
  /** Its blob's hash. */
  readonly version: string;
  /** Of the homes that the router goes by. */
  readonly term: number;
}

/** The part of a node's subjects that an expert has, before its version. */
export const EXPERT = "expert";
/** In its place where asks are sealed: only the node reads which experts are asked. */
export const SEALED = "sealed";

/** Bytes of whose multiples a sealed body is, of rows with that many columns. */
export function sealedUnitBytes(nColumns: number): number {
  return 4 * PADDED_ROWS * nColumns;
}

const REQUEST = "a prediction request";
const ANSWER = "an expert's answer";

const requestSchema = z.object({
  expert: z.string().min(1).max(200),
  version: sha256Schema,
  term: headerNumber,
  columns: headerNumber,
});
const answerSchema = z.object({ expert: z.string(), version: z.string() });

export function writeAsk({ expert, version, term }: Asked, X: Matrix): Message {
  return {
    headers: {
      protocol: String(PROTOCOL),
      expert,
      version,
      term: String(term),
      columns: String(X.nColumns),
    },
    body: bytesOf(X.values),
  };
}

/** @throws NODE_VERSION for another protocol; MESSAGE_INVALID unless it is rows for an expert. */
export function readAsk({ headers, body }: Message): { readonly asked: Asked; readonly X: Matrix } {
  checkProtocol(Number(headers["protocol"]));
  const { columns: nColumns, ...asked } = readHeaders(REQUEST, requestSchema, headers);
  const nRows = body.length / (4 * nColumns);
  if (nColumns < 1 || !Number.isInteger(nRows)) {
    throw invalidMessage(REQUEST, `${body.length} bytes are no rows of ${nColumns} columns`);
  }
  return { asked, X: { values: floatsOf(body), nRows, nColumns } };
}

export function writeAnswer({ expert, version }: Asked, values: Float32Array): Message {
  return { headers: { expert, version }, body: bytesOf(values) };
}

/**
 * @returns Shape (nRows,), finite.
 * @throws NODE_VERSION if another expert or version answered, or for another number of rows;
 *   MESSAGE_INVALID if a value is not finite.
 */
export function readAnswer(message: Message, asked: Asked, nRows: number): Float32Array {
  const { body } = message;
  const { expert, version } = readHeaders(ANSWER, answerSchema, message.headers);
  if (expert !== asked.expert || version !== asked.version || body.length !== 4 * nRows) {
    const wanted = `${asked.expert} in version ${asked.version.slice(0, 12)} for ${nRows} rows`;
    const got = `${expert} in version ${version.slice(0, 12)}, ${body.length / 4} rows`;
    throw new BailiwickError("NODE_VERSION", `the answer must be of ${wanted}, got ${got}`);
  }
  const values = floatsOf(body);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw invalidMessage(ANSWER, `row ${bad} must be a finite number`);
  return values;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A copy, because bytes of a message may start anywhere and their buffer may be used again. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes.length - (bytes.length % 4));
  copy.set(bytes.subarray(0, copy.length));
  return new Float32Array(copy.buffer);
}
