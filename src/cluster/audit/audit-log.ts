/**
 * An append-only log in which each line seals the one before it.
 *
 * A line's hash is the SHA-256 of the line's text before it, which names the hash of the line
 * above: a line that is changed, dropped or moved breaks the chain from there on. The length of
 * the chain is in a file beside it (`<log>.head`), so that lines missing at the end are found too.
 */
import { existsSync } from "node:fs";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { parseJson } from "../../shared/json.ts";

const HASH = /^[0-9a-f]{64}$/;
const text = z.string();
const facts = {
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
};
const lineSchema: z.ZodType<AuditLine> = z.strictObject({
  /** Counted from 1. */
  number: z.int().positive(),
  /** ISO 8601, by the writer's clock. */
  at: text,
  ...facts,
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
}

export interface AuditLine extends AuditEvent {
  readonly number: number;
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

export interface AuditLog {
  /**
   * On the disk when this returns, in the order of the calls.
   *
   * @throws WRITE_FAILED if the line could not be written; the next call begins where it would have
   *   stood.
   */
  append(event: AuditEvent): Promise<void>;
  /**
   * Appends a line that says so if the last line could not be written; nothing otherwise. Until it
   * succeeds, nothing that needs a line may begin.
   *
   * @throws as `append`.
   */
  ensure(term: number): Promise<void>;
}

/** The last line of a log, by which all lines before it can be checked. */
export interface AuditHead {
  /** Of the line, counted from 1. */
  readonly number: number;
  readonly hash: string;
}

const START = "0".repeat(64);
const MAX_BYTES = 1 << 30;
const headFile = (path: string): string => `${path}.head`;

/**
 * Continues the log at `path`, or begins it.
 *
 * @param onHead - Gets the last line that is there, then every line that is written.
 * @throws AUDIT_BROKEN if the chain does not hold: nothing is added to a broken chain.
 */
export async function openAuditLog(
  path: string,
  now: () => string,
  onHead: (head: AuditHead) => void = () => undefined,
): Promise<AuditLog> {
  let last = await resume(path);
  if (last.number > 0) onHead(last);
  let isWhole = true;
  let queue: Promise<unknown> = Promise.resolve();
  const write = async (event: AuditEvent): Promise<void> => {
    // The write before failed: the line may be there, in part, or not.
    if (!isWhole) last = await resume(path);
    isWhole = false;
    const line = seal({ number: last.number + 1, at: now(), ...event, previous: last.hash });
    await appendLine(path, line.text);
    await writeHead(path, line);
    last = line;
    isWhole = true;
    onHead({ number: line.number, hash: line.hash });
  };
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const written = queue.then(work);
    queue = written.catch(() => undefined);
    return written;
  };
  return {
    append: (event) => inTurn(() => write(event)),
    ensure: (term) =>
      inTurn(async () => {
        if (!isWhole) await write({ ...GAP, term });
      }),
  };
}

const GAP = {
  what: "gap",
  why: "a line could not be written: nothing was placed without one",
  device: null,
  zone: null,
  before: null,
  after: null,
};

/**
 * The end of the log at `path`, which is made if it is missing. A line that a kill has cut was
 * never acknowledged and is removed; a line that the head does not count yet is counted.
 */
async function resume(path: string): Promise<AuditHead> {
  if (!existsSync(path)) {
    await writeFileAtomic(path, "");
    return { number: 0, hash: START };
  }
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) await writeFileAtomic(path, text.slice(0, end));
  const last = (await verifyAuditLog(path)).at(-1);
  if (last === undefined) return { number: 0, hash: START };
  await writeHead(path, last);
  return last;
}

async function writeHead(path: string, { number, hash }: AuditHead): Promise<void> {
  await writeFileAtomic(headFile(path), `${number} ${hash}\n`);
}

/** A line and its hash, which seals the text before it. */
function seal(open: Omit<AuditLine, "hash">): AuditHead & { readonly text: string } {
  const hash = sha256(JSON.stringify(open));
  return { number: open.number, hash, text: JSON.stringify({ ...open, hash }) };
}

/**
 * All lines, if the chain holds from the first to the last.
 *
 * @throws AUDIT_BROKEN naming the first line that was changed, is missing or out of its order.
 */
export async function verifyAuditLog(path: string): Promise<readonly AuditLine[]> {
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
  const texts = text.split("\n");
  if (texts.at(-1) !== "") throw broken(texts.length, "must end with a line feed, it is cut");
  const lines = texts.slice(0, -1).map((line, i) => parseLine(line, i + 1));
  lines.forEach((line, i) => {
    if (line.number !== i + 1) {
      throw broken(i + 1, `must be number ${i + 1}, it is number ${line.number}`);
    }
    if (line.previous !== (lines[i - 1]?.hash ?? START)) {
      throw broken(i + 1, "must name the hash of the line before it, it names another");
    }
    if (sealedHash(texts[i]!) !== line.hash) {
      throw broken(i + 1, "must have the hash that it says, it was changed");
    }
  });
  await checkHead(path, lines);
  return lines;
}

/** Of the line as it stands in the file, byte by byte; null where no hash ends it. */
function sealedHash(line: string): string | null {
  const [, open] = /^(.*),"hash":"[0-9a-f]{64}"\}$/.exec(line) ?? [];
  return open === undefined ? null : sha256(`${open}}`);
}

function parseLine(line: string, number: number): AuditLine {
  const value = parseJson(line, () => broken(number, "must be one JSON object, it is none"));
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw broken(number, `must be a line of this log, ${issue?.path.join(".")}: ${issue?.message}`);
}

/** One more line than the head counts is right: a kill came between the two. */
async function checkHead(path: string, lines: readonly AuditLine[]): Promise<void> {
  if (!existsSync(headFile(path))) {
    if (lines.length <= 1) return;
    throw broken(lines.length, `must have its length in ${headFile(path)}, that is missing`);
  }
  const head = await readTextFile(headFile(path), { maxBytes: 200 });
  const [length, hash] = head.trim().split(" ");
  const n = Number(length);
  if (lines.length < n) throw broken(lines.length + 1, `must be there, the log had ${n} lines`);
  if (lines.length > n + 1 || (n > 0 && lines[n - 1]!.hash !== hash)) {
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
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
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

function broken(line: number, problem: string): BailiwickError {
  return new BailiwickError("AUDIT_BROKEN", `line ${line} of the log ${problem}`, { line });
}
