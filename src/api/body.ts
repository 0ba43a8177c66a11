/**
 * Bodies: received within limits, and JSON that is parsed only if parsing it is quick.
 *
 * `JSON.parse` cannot be interrupted, and a body of brackets only takes it seconds where one of
 * numbers takes milliseconds. So a body is scanned before: how many lists and objects it has, and
 * how deep they nest. Small bodies, which cannot take long, are not.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { BailiwickError } from "../shared/errors.ts";
import type { Limits } from "./limits.ts";
import { overloaded } from "./refusal.ts";

/** Bodies below this are parsed as they are. */
const SCAN_FROM_BYTES = 64 << 10;
/** Lists within lists: `inputs`, a tensor, its rows, and one to spare. */
const MAX_DEPTH = 8;
/** Lists and objects besides one a row. */
const SPARE_CONTAINERS = 20_000;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

declare module "fastify" {
  interface FastifyRequest {
    /** Bytes of the body that are on the budget. */
    bodyBytes: number;
  }
}

/** Bytes of bodies in memory, of all requests together. */
export interface BodyBudget {
  used: number;
}

/** The name of the header that says how many bytes of a body are JSON. */
export const JSON_LENGTH_HEADER = "inference-header-content-length";

/** True if the body may hold tensors in binary after its JSON. */
export function isBinary({ headers }: FastifyRequest): boolean {
  return (
    headers[JSON_LENGTH_HEADER] !== undefined ||
    headers["content-type"]?.startsWith("application/octet-stream") === true
  );
}

/** Takes the request's body off the budget when its answer is sent, or its connection lost. */
export function releaseBody(
  request: FastifyRequest,
  { raw }: FastifyReply,
  budget: BodyBudget,
): void {
  raw.once("close", () => {
    budget.used -= request.bodyBytes;
    request.bodyBytes = 0;
  });
}

/**
 * Receives a request's body, which is on the budget from its first byte.
 *
 * @throws DATA_TOO_LARGE, or a 503 if all bodies together are over the budget.
 */
export function receiveBody(
  request: FastifyRequest,
  limits: Limits,
  budget: BodyBudget,
): Promise<Buffer> {
  const [maxBytes, kind] = isBinary(request)
    ? [limits.maxBinaryBytes, "with binary tensors"]
    : [limits.maxJsonBytes, "in JSON"];
  const tooLarge = (): BailiwickError =>
    new BailiwickError("DATA_TOO_LARGE", `a body ${kind} must be at most ${maxBytes} bytes`);
  const stream = request.raw;
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"]) > maxBytes) return reject(tooLarge());
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      request.bodyBytes += chunk.length;
      budget.used += chunk.length;
      const isOver = budget.used > limits.maxBodyBytesAtWork;
      if (request.bodyBytes <= maxBytes && !isOver) return;
      stream.off("data", onData);
      reject(isOver ? overloaded("the server must have room for the body") : tooLarge());
    };
    stream.on("data", onData);
    stream.once("end", () => resolve(Buffer.concat(chunks)));
    stream.once("error", () => reject(invalid("the body must arrive whole, it was cut")));
  });
}

/** The bytes that were received. */
export function bodyOf({ body }: FastifyRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/**
 * A value from the UTF-8 text of JSON.
 *
 * @throws INVALID_OPTION (400) if it is none, DATA_TOO_LARGE if it has too many parts or levels.
 */
export function parseJson(bytes: Buffer, { maxRows }: Pick<Limits, "maxRows">): unknown {
  if (bytes.length >= SCAN_FROM_BYTES) checkStructure(bytes, maxRows + SPARE_CONTAINERS);
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw invalid("the body must be JSON, it cannot be parsed", cause);
  }
}

function checkStructure(bytes: Buffer, maxContainers: number): void {
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      containers++;
      if (++depth > MAX_DEPTH) {
        throw new BailiwickError("DATA_TOO_LARGE", `JSON must nest at most ${MAX_DEPTH} deep`);
      }
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  if (containers > maxContainers) {
    const message = `JSON must hold at most ${maxContainers} lists and objects, got ${containers}`;
    throw new BailiwickError("DATA_TOO_LARGE", message);
  }
}

/** The place of the closing quote, or the end. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}

function invalid(message: string, cause?: unknown): BailiwickError {
  return new BailiwickError("INVALID_OPTION", message, {}, cause);
}
