/**
 * Errors of requests: those that cross the fabric (a code and a message, never a stack), and
 * silence.
 */
import { BailiwickError, isErrorCode } from "../../shared/errors.ts";
import type { Message } from "./fabric.ts";

const CODE = "error-code";
const TEXT = "error";
const MAX_CHARS = 400;

/** An answer that carries an error. The text of an unexpected error stays here. */
export function errorMessage(error: unknown): Message {
  const isOurs = error instanceof BailiwickError;
  const text = isOurs ? error.message : "the node failed to answer";
  return {
    headers: { [CODE]: isOurs ? error.code : "WORKER_FAILED", [TEXT]: printable(text) },
    body: new Uint8Array(0),
  };
}

/** The message itself. @throws The error that it carries, if it carries one. */
export function checkedAnswer(message: Message): Message {
  const code = message.headers[CODE];
  if (code === undefined) return message;
  throw remoteError(code, message.headers[TEXT]);
}

/** An error of another process; WORKER_FAILED for a code that we do not have. */
export function remoteError(code: string, text = "no reason was given"): BailiwickError {
  return new BailiwickError(isErrorCode(code) ? code : "WORKER_FAILED", printable(text));
}

/** No process answers the subject. */
export function absent(subject: string, cause?: unknown): BailiwickError {
  const message = `${subject} must be answered, no process answers it`;
  return new BailiwickError("NODE_ABSENT", message, { subject }, cause);
}

export function unanswered(subject: string, timeoutMs: number, cause?: unknown): BailiwickError {
  const message = `${subject} must be answered, no answer came within ${timeoutMs} ms`;
  return new BailiwickError("NODE_UNAVAILABLE", message, { subject }, cause);
}

/** Headers are lines of ASCII. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, "?").slice(0, MAX_CHARS);
}
