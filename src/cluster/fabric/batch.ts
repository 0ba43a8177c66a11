/**
 * Several messages as one: the length of a head, the head (their headers, and which body is whose)
 * as JSON, then the bodies. A body that several messages share stands there once.
 */
import { z } from "zod";
import type { Headers, Message } from "./fabric.ts";
import { invalidMessage, readMessage } from "./messages.ts";

const BATCH = "a batch of messages";
const MAX_MESSAGES = 1000;
const LENGTH_BYTES = 4;

const headSchema = z.object({
  lengths: z.array(z.int().nonnegative()).max(MAX_MESSAGES),
  messages: z
    .array(z.object({ headers: z.record(z.string(), z.string()), body: z.int().nonnegative() }))
    .max(MAX_MESSAGES),
});

/** @param messages - At most 1,000. */
export function writeBatch(messages: readonly Message[]): Uint8Array {
  const bodies: Uint8Array[] = [];
  const placed = messages.map(({ headers, body }): { headers: Headers; body: number } => {
    const known = bodies.findIndex((other) => isSame(other, body));
    return { headers, body: known < 0 ? bodies.push(body) - 1 : known };
  });
  const lengths = bodies.map(({ length }) => length);
  const head = new TextEncoder().encode(JSON.stringify({ lengths, messages: placed }));
  const total = lengths.reduce((sum, length) => sum + length, LENGTH_BYTES + head.length);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, head.length);
  bytes.set(head, LENGTH_BYTES);
  let at = LENGTH_BYTES + head.length;
  for (const body of bodies) {
    bytes.set(body, at);
    at += body.length;
  }
  return bytes;
}

/** @throws MESSAGE_INVALID unless `writeBatch` could have made it. */
export function readBatch(bytes: Uint8Array): readonly Message[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = LENGTH_BYTES + (bytes.length < LENGTH_BYTES ? 0 : view.getUint32(0));
  if (start > bytes.length) throw invalidMessage(BATCH, "its head must be within it");
  const { lengths, messages } = readMessage(BATCH, headSchema, bytes.subarray(LENGTH_BYTES, start));
  let at = start;
  const bodies = lengths.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  if (at !== bytes.length) throw invalidMessage(BATCH, "its bodies must fill it");
  return messages.map(({ headers, body }) => {
    const own = bodies[body];
    if (own === undefined) throw invalidMessage(BATCH, `body ${body} must be in it`);
    return { headers, body: own };
  });
}

/** Whether two views are of the same bytes of memory. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}
