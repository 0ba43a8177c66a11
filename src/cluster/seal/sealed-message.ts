/**
 * A sealed message as it crosses the fabric: its headers stay readable and are authenticated, its
 * body is encrypted, and its length says no more than a multiple of some rows.
 */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { type Headers, headerNumber, invalidMessage, readHeaders } from "../fabric/index.ts";

/** Rows, by whose number a body's length is padded. */
export const PADDED_ROWS = 16;

const EPOCH = "seal-epoch";
const ENC = "seal-enc";
const NUMBER = "seal-number";

/** Which message of which session it is. */
export interface SealPlace {
  /** An hour of the node, at random. */
  readonly epoch: string;
  /** The session's encapsulated key, base64, which names it. */
  readonly enc: string;
  /** Counted from 0 in the session. */
  readonly number: number;
}

export const epochSchema: z.ZodType<string> = z
  .string()
  .regex(/^[0-9a-f]{32}$/, "must be an epoch");

const placeSchema = z
  .object({
    [EPOCH]: epochSchema,
    [ENC]: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, "must be an encapsulated key"),
    [NUMBER]: headerNumber,
  })
  .transform((own): SealPlace => ({ epoch: own[EPOCH], enc: own[ENC], number: own[NUMBER] }));

export function isSealed(headers: Headers): boolean {
  return headers[ENC] !== undefined;
}

/** @throws MESSAGE_INVALID */
export function placeOf(headers: Headers): SealPlace {
  return readHeaders("a sealed message", placeSchema, headers);
}

export function withPlace(headers: Headers, { epoch, enc, number }: SealPlace): Headers {
  return { ...headers, [EPOCH]: epoch, [ENC]: enc, [NUMBER]: String(number) };
}

/** What is authenticated beside the body. */
export function aadOf(what: "ask" | "answer", headers: Headers): Uint8Array {
  const texts: string[] = [what];
  for (const name of Object.keys(headers).sort()) texts.push(name, headers[name]!);
  return encoder.encode(JSON.stringify(texts));
}

const encoder = new TextEncoder();

const LENGTH_BYTES = 4;

/** The body's length, the body, and zeros up to a multiple of `unitBytes`. */
export function pad(body: Uint8Array, unitBytes: number): Uint8Array {
  const nUnits = Math.max(1, Math.ceil(body.length / unitBytes));
  const padded = new Uint8Array(LENGTH_BYTES + nUnits * unitBytes);
  new DataView(padded.buffer).setUint32(0, body.length);
  padded.set(body, LENGTH_BYTES);
  return padded;
}

/** @throws MESSAGE_INVALID unless `pad` made it. */
export function unpad(padded: Uint8Array): Uint8Array {
  const view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength);
  const length = padded.length < LENGTH_BYTES ? Number.POSITIVE_INFINITY : view.getUint32(0);
  if (LENGTH_BYTES + length > padded.length) {
    throw invalidMessage("a sealed message", "its length must be within it");
  }
  return padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
}

export function sealInvalid(problem: string): BailiwickError {
  return new BailiwickError("SEAL_INVALID", `a sealed message ${problem}`);
}
