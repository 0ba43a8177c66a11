/**
 * What is answered when a request is refused: `{ "error": what must hold, what was found }`.
 *
 * The answer explains a caller's mistake. A failure of the server is explained in the log alone, so
 * that no answer shows a stack, a path or another request's content. Retry-After says when the same
 * request may succeed.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { BailiwickError } from "../shared/errors.ts";

/** A refusal that HTTP has a status for and the package has no code for. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** Seconds; null if the same request would be refused again. */
  readonly retryAfterS: number | null;

  constructor(status: number, message: string, retryAfterS: number | null = null) {
    super(message);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** The server is at one of its limits; the same request may succeed later. */
export function overloaded(message: string): Refusal {
  return new Refusal(503, message, 1);
}

interface PublicError {
  readonly status: number;
  /** Absent if the failure is the server's. */
  readonly message?: string;
  readonly retryAfterS?: number | null;
}

/** Sends the error's status and message; logs what the server failed at. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { status, message, retryAfterS = null } = publicError(error);
  if (retryAfterS !== null) reply.header("retry-after", retryAfterS);
  // The rest of the body is not read, and a slow client could take long to send it.
  if (!request.raw.complete) reply.header("connection", "close");
  if (message === undefined) request.log.error({ err: error, path: pathOf(request) }, "failed");
  reply.status(status);
  sendError(reply, message ?? "the server failed to answer this request");
}

/** Sends an error's body; the status must be set already. */
export function sendError(reply: FastifyReply, message: string): FastifyReply {
  return reply.type("application/json").send(JSON.stringify({ error: shorten(message, 400) }));
}

/** Failures of the world that pass: the client may try again. */
const PASSING_CODES: ReadonlySet<string> = new Set(["EXPERT_UNAVAILABLE", "ZONE_UNAVAILABLE"]);

function publicError(error: unknown): PublicError {
  if (error instanceof Refusal) {
    return { status: error.status, message: error.message, retryAfterS: error.retryAfterS };
  }
  if (error instanceof BailiwickError) {
    const { httpStatus: status, message, code } = error;
    if (PASSING_CODES.has(code)) return { status, message, retryAfterS: 1 };
    return status < 500 ? { status, message } : { status: 500 };
  }
  // Fastify's errors have a status.
  if (!(error instanceof Error && "statusCode" in error)) return { status: 500 };
  const status = Number(error.statusCode);
  return status >= 400 && status < 500 ? { status, message: error.message } : { status: 500 };
}

/** The request's path without its query, which may hold secrets. */
export function pathOf(request: FastifyRequest): string {
  return shorten(request.url.split("?")[0]!);
}

/** Text from a request, short enough for a message. */
export function shorten(text: string, maxChars = 100): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;
}

/** A value from a request in few words: it may be as large as the request, or as deep. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? `"${shorten(value)}"` : String(value);
}
