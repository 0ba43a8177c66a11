/**
 * An append-only log in which each line seals the one before it.
 *
 * A line's hash is the SHA-256 of its own text, which names the hash of the line before: whoever
 * changes, drops or moves a line breaks the chain from there on. How long the chain is stands in a
 * file beside it (`<log>.head`), so that lines missing at the end are found too.
 */
import { existsSync } from "node:fs";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";

/** What happened. Hashes and names only, never a row. */
export interface Happened {
  /** For example "load", "table", "lease". */
  readonly what: string;
  readonly why: string;
  /** null where it concerns none. */
  readonly device: string | null;
  readonly zone: string | null;
  /** Of what was changed; null where there was nothing, or will be nothing. */
  readonly before: string | null;
  readonly after: string | null;
  /** Of the placer's lease. */
  readonly term: number;
}

export interface AuditLine extends Happened {
  /** From 1. */
  readonly number: number;
  /** ISO 8601, by the clock of who writes. */
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

export interface AuditLog {
  /** On the disk when this returns, in the order of the calls. */
  append(happened: Happened): Promise<void>;
}

const START = "0".repeat(64);
const MAX_BYTES = 1 << 30;
const headFile = (path: string): string => `${path}.head`;

/**
 * Goes on with the log at `path`, or begins it.
 *
 * @throws AUDIT_BROKEN if what is there does not hold: nothing is added to a broken chain.
 */
export async function openAuditLog(path: string, now: () => string): Promise<AuditLog> {
  if (!existsSync(path)) await writeFileAtomic(path, "");
  else await mendTail(path);
  const last = (await verifyAuditLog(path)).at(-1);
  let [number, previous] = [last?.number ?? 0, last?.hash ?? START];
  let queue: Promise<void> = Promise.resolve();
  return {
    append: (happened) => {
      queue = queue.then(async () => {
        const line = seal({ number: number + 1, at: now(), ...happened, previous });
        await appendLine(path, JSON.stringify(line));
        [number, previous] = [line.number, line.hash];
        await writeFileAtomic(headFile(path), `${number} ${previous}\n`);
      });
      return queue;
    },
  };
}

/** A line that a kill has cut was never told to anybody. */
async function mendTail(path: string): Promise<void> {
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) await writeFileAtomic(path, text.slice(0, end));
}

function seal(open: Omit<AuditLine, "hash">): AuditLine {
  return { ...open, hash: sha256(JSON.stringify(open)) };
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
  const lines = texts.slice(0, -1).map((own, i) => parseLine(own, i + 1));
  lines.forEach((line, i) => {
    const { hash, ...open } = line;
    if (line.number !== i + 1) {
      throw broken(i + 1, `must be number ${i + 1}, it is number ${line.number}`);
    }
    if (line.previous !== (lines[i - 1]?.hash ?? START)) {
      throw broken(i + 1, "must name the hash of the line before it, it names another");
    }
    if (sha256(JSON.stringify(open)) !== hash) {
      throw broken(i + 1, "must have the hash that it says, it was changed");
    }
  });
  await checkHead(path, lines);
  return lines;
}

function parseLine(text: string, number: number): AuditLine {
  try {
    const line = JSON.parse(text) as AuditLine;
    if (typeof line.hash === "string" && typeof line.previous === "string") return line;
  } catch {
    // Said below.
  }
  throw broken(number, "must be one JSON object with a hash, it is none");
}

/** The line after the head may be there already: a kill came between the two. */
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

function broken(line: number, problem: string): BailiwickError {
  return new BailiwickError("AUDIT_BROKEN", `line ${line} of the log ${problem}`, { line });
}
