/**
 * Reads an audit log, and finds the first line that is not what was written.
 *
 * A line's hash is the SHA-256 of the line's text before it, which names the hash of the line
 * above: a line that is changed, dropped or moved breaks the chain from there on. The length of
 * the chain is in a file beside it (`<log>.head`), so that lines missing at the end are found too.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { readFileChecked, readTextFile } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { parseJson } from "../../shared/json.ts";

const HASH = /^[0-9a-f]{64}$/;
const text = z.string();
const lineSchema: z.ZodType<AuditLine> = z.strictObject({
  /** Counted from 1. */
  number: z.int().positive(),
  /** ISO 8601, by the writer's clock. */
  at: text,
  /** For example "load", "table", "lease". */
  what: text,
  why: text,
  /** null where it concerns none. */
  device: text.nullable(),
  zone: text.nullable(),
  /** Hashes of what was changed; null where there was nothing, or will be nothing. */
  before: text.nullable(),
  after: text.nullable(),
  /** Of the placer's lease. */
  term: z.number(),
  kind: text.optional(),
  place: text.optional(),
  models: z.array(text).readonly().optional(),
  classes: z.array(text).readonly().optional(),
  previous: text.regex(HASH),
  hash: text.regex(HASH),
});
/** What happened. Hashes and names only, never a row. */
export interface AuditEvent {
  readonly what: string;
  readonly why: string;
  readonly device: string | null;
  readonly zone: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly term: number;
  /** Of the device: "cpu" or "gpu". */
  readonly kind?: string | undefined;
  /** Where the device stands, as its node was told. */
  readonly place?: string | undefined;
  /** Names of the models that it concerns. */
  readonly models?: readonly string[] | undefined;
  /** Classes whose rows may come to the device. */
  readonly classes?: readonly string[] | undefined;
}

export interface AuditLine extends AuditEvent {
  readonly number: number;
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** The last line of a log, by which all lines before it can be checked. */
export interface AuditHead {
  /** Of the line, counted from 1. */
  readonly number: number;
  readonly hash: string;
}

/** Before the first line. */
export const START: AuditHead = { number: 0, hash: "0".repeat(64) };
export const MAX_LOG_BYTES: number = 1 << 30;
const LINE_FEED = 10;

export const headFile = (path: string): string => `${path}.head`;

/**
 * Checks every line from the first to the last.
 *
 * @param onLine - Gets each line, and its bytes in the file without the line feed, once it holds.
 * @returns The last line.
 * @throws AUDIT_BROKEN naming the first line that was changed, is missing or out of its order.
 */
export async function scanAuditLog(
  path: string,
  onLine: (line: AuditLine, bytes: Buffer) => void = () => undefined,
): Promise<AuditHead> {
  const { all, head } = await readStill(path);
  let [last, ofHead] = [START, START];
  for (let [at, end] = [0, 0]; at < all.length; at = end + 1) {
    end = all.indexOf(LINE_FEED, at);
    if (end < 0) throw broken(last.number + 1, "must end with a line feed, it is cut");
    const bytes = all.subarray(at, end);
    const line = checkLine(bytes, last);
    onLine(line, bytes);
    last = { number: line.number, hash: line.hash };
    if (head?.number === last.number) ofHead = last;
  }
  checkHead(path, head, last, ofHead);
  return last;
}

/** All lines, if the chain holds. @throws as `scanAuditLog` */
export async function verifyAuditLog(path: string): Promise<readonly AuditLine[]> {
  const lines: AuditLine[] = [];
  await scanAuditLog(path, (line) => lines.push(line));
  return lines;
}

function checkLine(bytes: Buffer, before: AuditHead): AuditLine {
  const number = before.number + 1;
  const line = parseLine(bytes.toString(), number);
  if (line.number !== number) {
    throw broken(number, `must be number ${number}, it is number ${line.number}`);
  }
  if (line.previous !== before.hash) {
    throw broken(number, "must name the hash of the line before it, it names another");
  }
  if (sealedHash(bytes) !== line.hash) {
    throw broken(number, "must have the hash that it says, it was changed");
  }
  return line;
}

/** What ends a line: its hash and what closes it. */
const SEAL = /,"hash":"[0-9a-f]{64}"\}$/;
const SEAL_BYTES = `,"hash":"${START.hash}"}`.length;

/** Of the line as it stands in the file, byte by byte; null where no hash ends it. */
function sealedHash(bytes: Buffer): string | null {
  const open = Math.max(0, bytes.length - SEAL_BYTES);
  if (!SEAL.test(bytes.toString("latin1", open))) return null;
  return sha256(Buffer.concat([bytes.subarray(0, open), Buffer.from("}")]));
}

/** @throws AUDIT_BROKEN if it is no line of an audit log. */
export function parseLine(line: string, number: number): AuditLine {
  const value = parseJson(line, () => broken(number, "must be one JSON object, it is none"));
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw broken(number, `must be a line of this log, ${issue?.path.join(".")}: ${issue?.message}`);
}

const MAX_READS = 10;

/** A log and its head of one moment: while a line is written, they are of two. */
async function readStill(path: string): Promise<{ all: Buffer; head: AuditHead | null }> {
  for (let reads = 1; ; reads++) {
    const before = await readHead(path);
    const all = await readFileChecked(path, { maxBytes: MAX_LOG_BYTES });
    const head = await readHead(path);
    if (before?.hash === head?.hash || reads === MAX_READS) return { all, head };
  }
}

/** What the file beside the log says; null if there is none. */
async function readHead(path: string): Promise<AuditHead | null> {
  if (!existsSync(headFile(path))) return null;
  const [length, hash = ""] = (await readTextFile(headFile(path), { maxBytes: 200 }))
    .trim()
    .split(" ");
  return { number: Number(length), hash };
}

/**
 * One more line than the head counts is right: a kill came between the two.
 *
 * @param ofHead - The line that the head names.
 */
function checkHead(path: string, head: AuditHead | null, last: AuditHead, ofHead: AuditHead): void {
  if (head === null) {
    if (last.number <= 1) return;
    throw broken(last.number, `must have its length in ${headFile(path)}, that is missing`);
  }
  const { number: n, hash } = head;
  if (last.number < n) throw broken(last.number + 1, `must be there, the log had ${n} lines`);
  if (!(last.number <= n + 1) || (n > 0 && ofHead.hash !== hash)) {
    throw broken(n, `must be what ${headFile(path)} says, it is another`);
  }
}

/**
 * Compares a log with heads that were kept elsewhere: lines of a number and a hash.
 *
 * @returns The number of heads; lines that a kill has cut are left out.
 * @throws AUDIT_BROKEN naming the first line that is missing or another than its head says;
 *   DATA_EMPTY if the file has no head.
 */
export async function verifyAnchors(lines: readonly AuditLine[], path: string): Promise<number> {
  const text = await readTextFile(path, { maxBytes: MAX_LOG_BYTES });
  const heads = [...text.matchAll(/^(\d{1,15}) ([0-9a-f]{64})$/gm)];
  if (heads.length === 0) {
    throw new BailiwickError("DATA_EMPTY", `${path} must have lines of a number and a hash`);
  }
  for (const [, number, hash] of heads) {
    const n = Number(number);
    if (lines.length < n) throw broken(lines.length + 1, `must be there, ${path} has line ${n}`);
    if (lines[n - 1]?.hash !== hash) throw broken(n, `must have the hash that is in ${path}`);
  }
  return heads.length;
}

export function broken(line: number, problem: string): BailiwickError {
  return new BailiwickError("AUDIT_BROKEN", `line ${line} of the log ${problem}`, { line });
}
