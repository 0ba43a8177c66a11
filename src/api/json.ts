/**
 * JSON from bytes that must be UTF-8, parsed only if parsing is quick.
 *
 * `JSON.parse` cannot be interrupted, and a body of nothing but brackets takes it seconds where a
 * body of numbers takes milliseconds. So a body is scanned before: how many lists and objects it
 * has, and how deep they nest. Small bodies, which cannot take long, are not.
 */
import { isUtf8 } from "node:buffer";
import { hasLongNumbers, quoteNumbers } from "../data/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import type { Limits } from "./limits.ts";

/** Bodies below this are parsed as they are. */
const SCAN_FROM_BYTES = 64 << 10;
/** Lists within lists: `inputs`, a tensor, its rows, and one to spare. */
const MAX_DEPTH = 8;
/** Lists and objects besides one a row. */
const SPARE_CONTAINERS = 20_000;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = 0xfeff;

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface JsonOptions {
  /** Give numbers that a double would round as texts. Default false. */
  readonly keepLongNumbers?: boolean;
}

/**
 * A value from the UTF-8 text of JSON.
 *
 * @throws INVALID_OPTION (400) if it is none, DATA_TOO_LARGE if it has too many parts or levels.
 */
export function parseJson(
  bytes: Buffer,
  { maxRows }: Pick<Limits, "maxRows">,
  { keepLongNumbers = false }: JsonOptions = {},
): unknown {
  if (!isUtf8(bytes)) throw invalid("the body must be JSON in UTF-8, it holds other bytes");
  if (bytes.length >= SCAN_FROM_BYTES) checkStructure(bytes, maxRows + SPARE_CONTAINERS);
  const whole = bytes.toString("utf8");
  const text = whole.charCodeAt(0) === BYTE_ORDER_MARK ? whole.slice(1) : whole;
  try {
    return JSON.parse(keepLongNumbers && hasLongNumbers(text) ? quoteNumbers(text) : text);
  } catch (cause) {
    const word = wordThatIsNoJson(bytes);
    if (word === null) throw invalid("the body must be JSON, it cannot be parsed", cause);
    throw invalid(`the body must be JSON, which has no ${word}: a missing value is null`, cause);
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

/** A number that other languages write and JSON does not have; null if the text has none. */
function wordThatIsNoJson(bytes: Buffer): string | null {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === QUOTE) at = endOfString(bytes, at);
    else if (startsWith(bytes, at, "NaN")) return "NaN";
    else if (startsWith(bytes, at, "Infinity")) return "Infinity";
    else if (startsWith(bytes, at, "undefined")) return "undefined";
  }
  return null;
}

function startsWith(bytes: Buffer, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
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
