/**
 * Proof that a line is in a log that witnesses have signed, to be checked without the log.
 *
 * The line is found by halving the log's file, and its path in the tree's file beside the log: both
 * may be wrong, so the path is checked against the checkpoint, and the whole log is read where it
 * does not lead there. Source: c2sp.org/tlog-proof.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { BailiwickError, checkInteger } from "../../shared/errors.ts";
import { readTextFile } from "../../shared/files.ts";
import {
  bytesOf,
  type Checkpoint,
  type Cosigned,
  createMerkleTree,
  HASH_BYTES,
  hasLeaf,
  leafHash,
  MAX_NOTE_BYTES,
  nHashes,
  openCosigned,
  type Policy,
  parseCheckpoint,
  parseNote,
  proveLeaf,
  sizeOf,
  type TreeHashes,
} from "../witness/index.ts";
import { checkAgainst, checkpointFile, treeFile } from "./checkpoints.ts";
import { type AuditLine, broken, parseLine, scanAuditLog } from "./read-log.ts";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const MAX_PROOF_BYTES = 2 * MAX_NOTE_BYTES;
const MAX_HASHES = 63;
/** Read at once; a line is shorter. */
const CHUNK_BYTES = 1 << 13;

export interface LineProof {
  /** The line's bytes, without a line feed. */
  readonly line: Buffer;
  /** To be kept as a file. */
  readonly proof: string;
  /** Which the proof ends with. */
  readonly checkpoint: Checkpoint;
}

/**
 * @param number - Of the line, counted from 1.
 * @throws FILE_NOT_FOUND if the log has no checkpoint; INVALID_OPTION if its checkpoint does not
 *   reach the line; AUDIT_BROKEN if the log is not what the checkpoint says.
 */
export async function proveLine(path: string, number: number): Promise<LineProof> {
  const note = await readTextFile(checkpointFile(path), { maxBytes: MAX_NOTE_BYTES });
  const checkpoint = parseCheckpoint(parseNote(note).text);
  checkInteger("the line", number, 1, checkpoint.size);
  const found = findProof(path, number, checkpoint) ?? (await readProof(path, number, checkpoint));
  const hashes = found.path.map((hash) => `${hash.toString("base64")}\n`).join("");
  const proof = `${FIRST_LINE}\nindex ${number - 1}\n${hashes}\n${note}`;
  return { line: found.line, proof, checkpoint };
}

interface Found {
  readonly line: Buffer;
  readonly path: readonly Buffer[];
}

/** Without reading the whole log; null where that does not lead to the checkpoint's root. */
function findProof(path: string, number: number, checkpoint: Checkpoint): Found | null {
  const line = withFile(path, (file, nBytes) => findLine(file, nBytes, number));
  if (line === null || !existsSync(treeFile(path))) return null;
  return withFile(treeFile(path), (file, nBytes) => {
    const { size } = checkpoint;
    if (nBytes < HASH_BYTES * nHashes(size)) return null;
    const tree: TreeHashes = {
      size,
      hashAt: (position) => readAt(file, HASH_BYTES * position, HASH_BYTES),
    };
    const proof = proveLeaf(tree, number - 1, size);
    return hasLeaf(checkpoint, number - 1, leafHash(line), proof) ? { line, path: proof } : null;
  });
}

/** By reading the whole log. Cost: seconds for a million lines. */
async function readProof(path: string, number: number, checkpoint: Checkpoint): Promise<Found> {
  const tree = createMerkleTree();
  let line: Buffer | null = null;
  await scanAuditLog(path, (own, bytes) => {
    if (own.number === number) line = bytes;
    tree.add(leafHash(bytes));
  });
  checkAgainst(tree, checkpoint);
  if (line === null) throw broken(number, "must be there");
  return { line, path: proveLeaf(tree, number - 1, checkpoint.size) };
}

function withFile<T>(path: string, use: (file: number, nBytes: number) => T): T {
  const file = openSync(path, "r");
  try {
    return use(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, at: number, nBytes: number): Buffer {
  const bytes = Buffer.alloc(nBytes);
  return bytes.subarray(0, readSync(file, bytes, 0, nBytes, at));
}

/** The line of a number, by halving: lines are in the order of their numbers. null if not found. */
function findLine(file: number, nBytes: number, number: number): Buffer | null {
  let [low, high] = [0, nBytes];
  while (high - low > CHUNK_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const chunk = readAt(file, middle, CHUNK_BYTES);
    const start = chunk.indexOf("\n") + 1;
    const at = start === 0 ? null : numberAt(chunk, start);
    if (at === null) return null;
    if (at <= number) low = middle + start;
    else high = middle;
  }
  const rest = readAt(file, low, 2 * CHUNK_BYTES);
  for (let [at, end] = [0, rest.indexOf("\n")]; end >= 0; end = rest.indexOf("\n", at)) {
    if (numberAt(rest, at) === number) return rest.subarray(at, end);
    at = end + 1;
  }
  return null;
}

function numberAt(bytes: Buffer, at: number): number | null {
  const [, digits] = /^\{"number":(\d{1,15}),/.exec(bytes.toString("latin1", at, at + 40)) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** What a proof proves. */
export interface ProvenLine {
  readonly line: AuditLine;
  readonly cosigned: Cosigned;
}

/**
 * Checks a proof, by the policy alone.
 *
 * @param line - As `proveLine` gives it; a line feed at its end is passed over.
 * @throws NOTE_INVALID if the proof is none, or its checkpoint is not signed by a log and a quorum
 *   of witnesses; AUDIT_BROKEN if the line is not in the log that they signed.
 */
export function checkLineProof(proof: string, line: Buffer, policy: Policy): ProvenLine {
  const { index, path, note } = parseProof(proof);
  const cosigned = openCosigned(note, policy);
  const bytes = line.at(-1) === "\n".charCodeAt(0) ? line.subarray(0, -1) : line;
  if (!hasLeaf(cosigned.checkpoint, index, leafHash(bytes), path)) {
    throw broken(index + 1, "must be the one that witnesses have signed, this is another");
  }
  return { line: parseLine(bytes.toString(), index + 1), cosigned };
}

function parseProof(proof: string): { index: number; path: readonly Buffer[]; note: string } {
  const end = proof.indexOf("\n\n");
  const [first, ...lines] = proof.slice(0, Math.max(0, end)).split("\n");
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const [place = "", ...hashes] = lines;
  const index = place.startsWith("index ") ? sizeOf(place.slice("index ".length)) : null;
  const path = hashes.flatMap((hash) => bytesOf(hash, HASH_BYTES) ?? []);
  const isWhole = path.length === hashes.length && path.length <= MAX_HASHES;
  if (first === FIRST_LINE && index !== null && isWhole && proof.length <= MAX_PROOF_BYTES) {
    return { index, path, note: proof.slice(end + 2) };
  }
  throw new BailiwickError("NOTE_INVALID", `a proof must be of ${FIRST_LINE}, this is none`);
}
