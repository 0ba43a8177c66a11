/**
 * Messages as they cross a process boundary: JSON, or short texts in headers, checked by a schema.
 *
 * Every message from outside is read here, once; after that its type can be trusted. A message that
 * does not fit is refused by name: MESSAGE_INVALID says which message and which value.
 */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import type { Headers } from "./fabric.ts";

const MAX_PROBLEM_CHARS = 200;

export const sha256Schema: z.ZodType<string> = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in hex");
/** A whole number as it stands in a header. */
export const headerNumber: z.ZodType<number, string> = z
  .string()
  .regex(/^\d{1,15}$/, "must be a whole number")
  .transform(Number);
/** A key of the bucket of nodes: zone and name. */
export const nodeKeySchema: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/, "must be zone.name");

export function writeMessage(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/**
 * @param what - The message with its article, for example "an announcement".
 * @throws MESSAGE_INVALID unless the bytes are JSON that fits the schema.
 */
export function readMessage<T>(what: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw invalidMessage(what, "it is no JSON");
  }
  return checkMessage(what, schema, value);
}

/** @throws MESSAGE_INVALID unless the headers fit the schema. */
export function readHeaders<T>(what: string, schema: z.ZodType<T>, headers: Headers): T {
  return checkMessage(what, schema, headers);
}

function checkMessage<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join(".") ?? "";
  throw invalidMessage(what, `${path === "" ? "" : `${path}: `}${issue?.message ?? "unknown"}`);
}

/** @param problem - What does not fit. */
export function invalidMessage(what: string, problem: string): BailiwickError {
  const text = problem.slice(0, MAX_PROBLEM_CHARS);
  return new BailiwickError("MESSAGE_INVALID", `${what} must fit its schema, ${text}`, { what });
}
