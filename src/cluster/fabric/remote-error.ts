/** Errors that cross the fabric: a code and a message in headers, never a stack. */
import { BailiwickError, ERROR_CODES, type ErrorCode } from "../../shared/errors.ts";
import type { Message } from "./fabric.ts";

const CODE = "error-code";
const TEXT = "error";
const MAX_CHARS = 400;

/** An answer that says that there is none. */
export function errorMessage(error: unknown): Message {
  const known = error instanceof BailiwickError;
  const text = known ? error.message : "the node failed to answer";
  return {
    headers: { [CODE]: known ? error.code : "WORKER_FAILED", [TEXT]: printable(text) },
    body: new Uint8Array(0),
  };
}

/** The message itself. @throws what it says, if it is an error. */
export function checkedAnswer(message: Message): Message {
  const code = message.headers[CODE];
  if (code === undefined) return message;
  const known = ERROR_CODES.includes(code as ErrorCode) ? (code as ErrorCode) : "WORKER_FAILED";
  throw new BailiwickError(known, message.headers[TEXT] ?? "no reason was given");
}

/** Headers are lines of ASCII. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, MAX_CHARS);
}
