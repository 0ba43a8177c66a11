/**
 * A witness: signs a log's checkpoint if the log has only grown since the last one it signed.
 *
 * It keeps the last checkpoint of each log, as a note that it signed itself, in a file of its
 * folder. The file is on the disk before the signature leaves. What it forgets it would sign again
 * in another form, so a file that is damaged stops it. Source: c2sp.org/tlog-witness.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import { bytesOf, sizeOf } from "./base64.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { openByLog } from "./cosigned.ts";
import type { SignerKey, VerifierKey } from "./keys.ts";
import { hasGrown } from "./merkle-proofs.ts";
import { HASH_BYTES } from "./merkle-tree.ts";
import {
  formatNote,
  MAX_NOTE_BYTES,
  type Note,
  parseNote,
  signaturesOf,
  signTimed,
} from "./signed-note.ts";

/** What it answers, by HTTP's numbers. */
export interface WitnessReply {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly body: string;
}

export interface WitnessState {
  /** @throws WRITE_FAILED if the checkpoint cannot be kept: then nothing is signed. */
  addCheckpoint(body: string): Promise<WitnessReply>;
}

export interface WitnessOptions {
  readonly folder: string;
  readonly key: SignerKey;
  /** Those whose checkpoints it signs. */
  readonly logs: readonly VerifierKey[];
  readonly nowSeconds: () => number;
}

const MAX_PROOF = 63;

/** @throws NOTE_INVALID if a checkpoint that it kept is damaged. */
export async function openWitness(options: WitnessOptions): Promise<WitnessState> {
  const { folder, key, logs } = options;
  const last = new Map<string, Checkpoint>();
  for (const { name } of logs) {
    const path = fileOf(folder, name);
    if (existsSync(path)) last.set(name, await readKept(path, name, key.verifier));
  }
  let queue: Promise<unknown> = Promise.resolve();
  return {
    // One after another: what is compared must be what is replaced.
    addCheckpoint: (body) => {
      const done = queue.then(() => answer(options, last, body));
      queue = done.catch(() => undefined);
      return done;
    },
  };
}

function fileOf(folder: string, origin: string): string {
  return join(folder, `${sha256(origin)}.checkpoint`);
}

async function readKept(path: string, name: string, key: VerifierKey): Promise<Checkpoint> {
  const note = parseNote(await readTextFile(path, { maxBytes: MAX_NOTE_BYTES }));
  const checkpoint = parseCheckpoint(note.text);
  if (signaturesOf(note, [key]).length === 1 && checkpoint.origin === name) return checkpoint;
  const must = `must be what this witness signed last of ${name}`;
  throw new BailiwickError("NOTE_INVALID", `${path} ${must}`, { path });
}

async function answer(
  { folder, key, logs, nowSeconds }: WitnessOptions,
  last: Map<string, Checkpoint>,
  body: string,
): Promise<WitnessReply> {
  const request = parseRequest(body);
  if (request === null)
    return { status: 400, body: "the request must be of c2sp.org/tlog-witness\n" };
  const { before, proof, note } = request;
  const origin = note.text.slice(0, note.text.indexOf("\n"));
  if (!logs.some(({ name }) => name === origin)) return { status: 404, body: "unknown log\n" };
  const checkpoint = openKnown(note, logs);
  if (checkpoint === null) return { status: 403, body: "no true signature of the log\n" };
  if (before > checkpoint.size) return { status: 400, body: "the old size must not be above\n" };
  const known = last.get(origin) ?? { size: 0, root: Buffer.alloc(0) };
  if (before !== known.size) return { status: 409, body: `${known.size}\n` };
  if (!hasGrown(known, checkpoint, proof)) {
    // The same size with another root is a conflict of its own by the specification.
    if (before > 0 && before === checkpoint.size) return { status: 409, body: `${known.size}\n` };
    return { status: 422, body: "the proof does not hold\n" };
  }
  const line = signTimed(key, note.text, nowSeconds());
  await writeFileAtomic(fileOf(folder, origin), formatNote(note.text, [line]));
  last.set(origin, checkpoint);
  return { status: 200, body: `${line}\n` };
}

interface Request {
  readonly before: number;
  readonly proof: readonly Buffer[];
  readonly note: Note;
}

/** null if it is none. */
function parseRequest(body: string): Request | null {
  const end = body.indexOf("\n\n");
  const [old = "", ...lines] = body.slice(0, Math.max(0, end)).split("\n");
  const before = old.startsWith("old ") ? sizeOf(old.slice(4)) : null;
  const proof = lines.flatMap((line) => bytesOf(line, HASH_BYTES) ?? []);
  if (end < 0 || before === null || lines.length > MAX_PROOF) return null;
  if (proof.length < lines.length || (before === 0 && proof.length > 0)) return null;
  try {
    return { before, proof, note: parseNote(body.slice(end + 2)) };
  } catch {
    return null;
  }
}

/** null if no known log has signed, or its signature is false. */
function openKnown(note: Note, logs: readonly VerifierKey[]): Checkpoint | null {
  try {
    return openByLog(note, logs).checkpoint;
  } catch {
    return null;
  }
}
