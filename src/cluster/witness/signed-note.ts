/**
 * Signed notes: a text, an empty line, and one line for each signature.
 *
 * A log signs the text; a witness signs the text and the time at which it found it consistent with
 * all it had seen before. Signatures of unknown keys are passed over; a note with a false signature
 * of a known key is refused. Sources: c2sp.org/signed-note, c2sp.org/tlog-cosignature.
 */
import { sign, verify } from "node:crypto";
import { BailiwickError } from "../../shared/errors.ts";
import { bytesOf } from "./base64.ts";
import type { SignerKey, VerifierKey } from "./keys.ts";

/** Of a note with its signatures: those of keys beyond 32 bits may be long. */
export const MAX_NOTE_BYTES = 1 << 17;
const MAX_SIGNATURES = 100;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;

export interface NoteSignature {
  readonly name: string;
  readonly id: Buffer;
  /** Without the key's id. */
  readonly bytes: Buffer;
  /** As it stands in the note, without its line feed. */
  readonly line: string;
}

export interface Note {
  /** With its last line feed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature that was checked. */
export interface Signed {
  readonly key: VerifierKey;
  readonly line: string;
  /** When a witness signed, in seconds since 1970; null of a log's signature. */
  readonly atSeconds: number | null;
}

/** @throws NOTE_INVALID if it is no note. */
export function parseNote(note: string): Note {
  if (note.length > MAX_NOTE_BYTES) throw invalid(`must have at most ${MAX_NOTE_BYTES} bytes`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u0009\u000b-\u001f\ufffd]/.test(note)) {
    throw invalid("must be UTF-8 without control characters");
  }
  const split = note.lastIndexOf("\n\n");
  if (split < 0 || !note.endsWith("\n")) throw invalid("must have a text and signatures");
  return { text: note.slice(0, split + 1), signatures: parseSignatures(note.slice(split + 2)) };
}

/** Lines of signatures alone, each with its line feed. @throws NOTE_INVALID */
export function parseSignatures(text: string): readonly NoteSignature[] {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw invalid("must end with signatures");
  if (lines.length > MAX_SIGNATURES) throw invalid(`must have at most ${MAX_SIGNATURES} of them`);
  return lines.map((line) => {
    const [, name, base64] = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
    const bytes = base64 === undefined ? null : bytesOf(base64);
    if (name === undefined || bytes === null || bytes.length < 5) {
      throw invalid("must end with lines of signatures, one is none");
    }
    return { name, id: bytes.subarray(0, 4), bytes: bytes.subarray(4), line };
  });
}

/**
 * The signatures of known keys, the first of each.
 *
 * @throws NOTE_INVALID if one of them is false.
 */
export function signaturesOf(
  { text, signatures }: Note,
  keys: readonly VerifierKey[],
): readonly Signed[] {
  const found = new Map<VerifierKey, Signed>();
  for (const signature of signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id.equals(signature.id));
    if (key === undefined || found.has(key)) continue;
    found.set(key, checkSignature(text, signature, key));
  }
  return [...found.values()];
}

function checkSignature(
  text: string,
  { bytes, line, name }: NoteSignature,
  key: VerifierKey,
): Signed {
  const isTimed = key.kind === "witness";
  const isLong = bytes.length === SIGNATURE_BYTES + (isTimed ? TIME_BYTES : 0);
  const time = isTimed && isLong ? bytes.readBigUInt64BE() : 0n;
  const atSeconds = isTimed ? Number(time) : null;
  const signed = Buffer.from(isTimed ? timedText(time, text) : text);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  if (isLong && time <= MAX_TIME && verify(null, signed, key.key, signature)) {
    return { key, line, atSeconds };
  }
  throw invalid(`must have a true signature of ${name}, it is false`);
}

/** Beyond this a number of seconds is not exact. */
const MAX_TIME = BigInt(Number.MAX_SAFE_INTEGER);

function timedText(time: bigint, text: string): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

/** A log's signature of a text, as a line without its line feed. */
export function signText({ key, verifier: { name, id } }: SignerKey, text: string): string {
  return lineOf(name, id, sign(null, Buffer.from(text), key));
}

/** A witness's signature of a text at a time. */
export function signTimed(
  { key, verifier: { name, id } }: SignerKey,
  text: string,
  atSeconds: number,
): string {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(atSeconds));
  const signature = sign(null, Buffer.from(timedText(BigInt(atSeconds), text)), key);
  return lineOf(name, id, Buffer.concat([time, signature]));
}

function lineOf(name: string, id: Buffer, signature: Buffer): string {
  return `— ${name} ${Buffer.concat([id, signature]).toString("base64")}`;
}

/** A text with its signatures. */
export function formatNote(text: string, lines: readonly string[]): string {
  return `${text}\n${lines.map((line) => `${line}\n`).join("")}`;
}

function invalid(problem: string): BailiwickError {
  return new BailiwickError("NOTE_INVALID", `a signed note ${problem}`);
}
