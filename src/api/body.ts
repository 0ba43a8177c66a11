/**
 * Bodies: of a type that is taken, and received within limits.
 *
 * The bytes of all bodies that are received or answered are on one budget. A client that sends a
 * large body slowly would keep others out for as long as the time-outs allow: where the budget is
 * full, the body that has been under way longest makes room.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { nowMs } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { JSON_LENGTH_HEADER } from "../shared/http-headers.ts";
import type { Limits } from "./limits.ts";
import { isFromPage } from "./origins.ts";
import { overloaded, Refusal } from "./refusal.ts";

/** A body that is under way for longer makes room for others. */
const SLOW_BODY_MS = 2000;
/** Names of UTF-8, and of ASCII, which is a part of it. */
const CHARSETS: ReadonlySet<string> = new Set(["utf-8", "utf8", "us-ascii", "ascii"]);
const TYPES: ReadonlySet<string> = new Set(["application/json", "application/octet-stream"]);

declare module "fastify" {
  interface FastifyRequest {
    /** Bytes of the body that are on the budget. */
    bodyBytes: number;
  }
}

/** A body that is under way. */
interface Receiving {
  readonly sinceMs: number;
  /** Ends it. */
  cut(): void;
}

/** Bytes of bodies in memory, of all requests together. */
export interface BodyBudget {
  used: number;
  /** In the order that they began. */
  readonly receiving: Set<Receiving>;
}

export function createBodyBudget(): BodyBudget {
  return { used: 0, receiving: new Set() };
}

/** How many bytes of the body are JSON, as its header says; undefined if it says nothing. */
export function jsonLengthOf({ headers }: FastifyRequest): string | undefined {
  const length = headers[JSON_LENGTH_HEADER];
  return typeof length === "string" ? length : undefined;
}

/** True if the body may hold tensors in binary after its JSON. */
export function isBinary(request: FastifyRequest): boolean {
  if (jsonLengthOf(request) !== undefined) return true;
  return typeOf(request.headers["content-type"]) === "application/octet-stream";
}

function typeOf(contentType = ""): string {
  return contentType.split(";")[0]!.trim().toLowerCase();
}

/**
 * The type must be one of these, which a browser does not send for a page of another site without
 * asking first. A body without a type is JSON, or JSON and tensors by its header, where no browser
 * sent it: clients of the protocol name no type, and browsers send such a body for any page.
 *
 * @throws a 415.
 */
export function checkBodyType(request: FastifyRequest): void {
  const { "content-type": type, "content-encoding": encoding = "identity" } = request.headers;
  const isTaken = type === undefined ? mayOmitType(request) : TYPES.has(typeOf(type));
  if (!isTaken) {
    const must = "content-type must be application/json or application/octet-stream";
    throw new Refusal(415, `${must}, got ${type === undefined ? "none" : "another"}`);
  }
  const charset = charsetOf(type);
  if (charset !== null && !CHARSETS.has(charset)) {
    throw new Refusal(415, `charset must be utf-8, got "${charset.slice(0, 40)}"`);
  }
  if (encoding !== "identity") throw new Refusal(415, "content-encoding must be identity");
}

/** The header for the JSON's length makes a browser ask first, too. */
function mayOmitType(request: FastifyRequest): boolean {
  return jsonLengthOf(request) !== undefined || !isFromPage(request);
}

function charsetOf(contentType = ""): string | null {
  for (const parameter of contentType.split(";").slice(1)) {
    const [name = "", value = ""] = parameter.split("=");
    if (name.trim().toLowerCase() !== "charset") continue;
    return value.trim().replaceAll('"', "").toLowerCase();
  }
  return null;
}

/** Takes the request's body off the budget when its answer is sent, or its connection lost. */
export function releaseBody(
  request: FastifyRequest,
  { raw }: FastifyReply,
  budget: BodyBudget,
): void {
  raw.once("close", () => giveBack(request, budget));
}

function giveBack(request: FastifyRequest, budget: BodyBudget): void {
  budget.used -= request.bodyBytes;
  request.bodyBytes = 0;
}

/**
 * Receives a request's body, which is on the budget from its first byte.
 *
 * @throws DATA_TOO_LARGE; a 503 if all bodies together are over the budget; a 408 if the body made
 *   room for others.
 */
export function receiveBody(
  request: FastifyRequest,
  limits: Limits,
  budget: BodyBudget,
): Promise<Buffer> {
  const [maxBytes, kind] = isBinary(request)
    ? [limits.maxBinaryBytes, "with binary tensors"]
    : [limits.maxJsonBytes, "in JSON"];
  const message = `a body ${kind} must be at most ${maxBytes} bytes`;
  const stream = request.raw;
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"]) > maxBytes) {
      reject(new BailiwickError("DATA_TOO_LARGE", message));
      return;
    }
    let chunks: Buffer[] = [];
    const end = (error: Error | null): void => {
      stream.off("data", onData);
      budget.receiving.delete(receiving);
      if (error === null) resolve(Buffer.concat(chunks));
      else reject(error);
      chunks = [];
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      request.bodyBytes += chunk.length;
      budget.used += chunk.length;
      if (request.bodyBytes > maxBytes) end(new BailiwickError("DATA_TOO_LARGE", message));
      else if (!makeRoom(budget, limits.maxBodyBytesAtWork, receiving)) {
        end(overloaded("the server must have room for the body"));
      }
    };
    const cut = (): void => {
      giveBack(request, budget);
      end(new Refusal(408, "the body must arrive sooner, others wait for its room"));
    };
    const receiving: Receiving = { sinceMs: nowMs(), cut };
    budget.receiving.add(receiving);
    stream.on("data", onData);
    stream.once("end", () => end(null));
    stream.once("error", () => end(invalid("the body must arrive whole, it was cut")));
  });
}

/** Whether the bodies are within `maxBytes`, if need be without those that are slow. */
function makeRoom(budget: BodyBudget, maxBytes: number, asking: Receiving): boolean {
  for (const other of budget.receiving) {
    if (budget.used <= maxBytes) return true;
    if (other !== asking && nowMs() - other.sinceMs > SLOW_BODY_MS) other.cut();
  }
  return budget.used <= maxBytes;
}

/** The bytes that were received. */
export function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function invalid(message: string): BailiwickError {
  return new BailiwickError("INVALID_OPTION", message);
}
