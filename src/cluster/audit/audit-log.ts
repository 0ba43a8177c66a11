/**
 * An append-only log in which each line seals the one before it (read-log.ts says how).
 *
 * A line is on the disk before its number is in the head beside the log; a kill between the two
 * leaves one more line than the head counts.
 */
import { existsSync } from "node:fs";
import { appendLine, readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { leafHash, type MerkleTree, nHashes } from "../witness/index.ts";
import {
  type AuditEvent,
  type AuditHead,
  type AuditLine,
  broken,
  headFile,
  MAX_LOG_BYTES,
  START,
  scanAuditLog,
} from "./read-log.ts";

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

export interface AuditLogOptions {
  /** Gets the last line that is there, then every line that is written. */
  readonly onHead?: (head: AuditHead) => void;
  /** Empty; gets a leaf for every line that is there, then for every line that is written. */
  readonly tree?: MerkleTree;
}

/**
 * Continues the log at `path`, or begins it.
 *
 * @throws AUDIT_BROKEN if the chain does not hold: nothing is added to a broken chain.
 */
export async function openAuditLog(
  path: string,
  now: () => string,
  { onHead = () => undefined, tree }: AuditLogOptions = {},
): Promise<AuditLog> {
  let last = await resume(path, tree);
  if (last.number > 0) onHead(last);
  let isWhole = true;
  let queue: Promise<unknown> = Promise.resolve();
  const write = async (event: AuditEvent): Promise<void> => {
    // The write before failed: the line may be there, in part, or not.
    if (!isWhole) last = await resume(path, tree);
    isWhole = false;
    const line = seal({ number: last.number + 1, at: now(), ...event, previous: last.hash });
    await appendLine(path, line.text);
    await writeHead(path, line);
    last = { number: line.number, hash: line.hash };
    isWhole = true;
    tree?.add(leafHash(Buffer.from(line.text)));
    onHead(last);
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
async function resume(path: string, tree: MerkleTree | undefined): Promise<AuditHead> {
  if (!existsSync(path)) {
    if (existsSync(headFile(path))) throw broken(1, `must be there, ${headFile(path)} is`);
    await writeFileAtomic(path, "");
    return START;
  }
  const bytes = await readFileChecked(path, { maxBytes: MAX_LOG_BYTES });
  const end = bytes.lastIndexOf("\n") + 1;
  if (end < bytes.length) await writeFileAtomic(path, bytes.subarray(0, end));
  const last = await scanAuditLog(path, (line, own) => {
    if (tree !== undefined) grow(tree, line.number, own);
  });
  if (tree !== undefined && last.number < tree.size) {
    throw broken(last.number + 1, `must be there, the log had ${tree.size} lines`);
  }
  if (last.number > 0) await writeHead(path, last);
  return last;
}

/** A line that the tree has must be as it was; another is added. */
function grow(tree: MerkleTree, number: number, bytes: Buffer): void {
  const leaf = leafHash(bytes);
  if (number > tree.size) tree.add(leaf);
  else if (!leaf.equals(tree.hashAt(nHashes(number - 1))))
    throw broken(number, "must be as it was");
}

async function writeHead(path: string, { number, hash }: AuditHead): Promise<void> {
  await writeFileAtomic(headFile(path), `${number} ${hash}\n`);
}

/** A line and its hash, which seals the text before it. */
function seal(open: Omit<AuditLine, "hash">): AuditHead & { readonly text: string } {
  const hash = sha256(JSON.stringify(open));
  return { number: open.number, hash, text: JSON.stringify({ ...open, hash }) };
}
