/**
 * Ed25519 keys of signed notes: of a log, which signs a note's text, and of a witness, which signs
 * it with the time.
 *
 * Written as `name+id+base64(type, key)`, as others write them. The id is part of a hash and names
 * a key, it does not prove one. Sources: c2sp.org/signed-note, c2sp.org/tlog-cosignature.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { BailiwickError } from "../../shared/errors.ts";
import { bytesOf } from "./base64.ts";

/** The first byte of a key's bytes. */
export const KEY_TYPES = { log: 1, witness: 4 } as const;
export type KeyKind = keyof typeof KEY_TYPES;

export interface VerifierKey {
  /** Of the log (its origin) or the witness. */
  readonly name: string;
  readonly kind: KeyKind;
  /** Four bytes. */
  readonly id: Buffer;
  /** 32 bytes. */
  readonly bytes: Buffer;
  readonly key: KeyObject;
}

export interface SignerKey {
  readonly key: KeyObject;
  /** What others check its signatures by. */
  readonly verifier: VerifierKey;
}

/** Without spaces, `+` and control characters, also those that only other programs take for one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const NAME = /^[^\s+\u0000-\u001f\u007f-\u009f]{1,200}$/u;
// The DER of an Ed25519 key before its 32 bytes (RFC 8410).
const PUBLIC_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PRIVATE_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const PRIVATE = "PRIVATE+KEY+";
const KEY_BYTES = 32;

/** @throws NOTE_INVALID if it can be no name of a key. */
export function checkKeyName(name: string): string {
  if (NAME.test(name) && Buffer.from(name).toString() === name) return name;
  const must = "must have no spaces and no +, and at most 200 characters";
  throw new BailiwickError("NOTE_INVALID", `the name of a key ${must}, got "${name}"`);
}

export function verifierOf(kind: KeyKind, name: string, bytes: Buffer): VerifierKey {
  const hash = createHash("sha256")
    .update(`${checkKeyName(name)}\n`)
    .update(typedBytes(kind, bytes))
    .digest();
  const der = Buffer.concat([PUBLIC_PREFIX, bytes]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return { name, kind, id: hash.subarray(0, 4), bytes, key };
}

/** As others read it. */
export function formatVerifier({ name, kind, id, bytes }: VerifierKey): string {
  return formatKey({ name, kind, id }, bytes);
}

/** @throws NOTE_INVALID if it is no key of that kind, or its id is not that of its bytes. */
export function parseVerifier(kind: KeyKind, text: string): VerifierKey {
  const { name, id, bytes } = parseKey(kind, text);
  const verifier = verifierOf(kind, name, bytes);
  if (verifier.id.toString("hex") === id) return verifier;
  throw invalid(kind, `its id must be ${verifier.id.toString("hex")}, it is ${id}`);
}

/** A new key. */
export function createSigner(kind: KeyKind, name: string): SignerKey {
  checkKeyName(name);
  const { privateKey } = generateKeyPairSync("ed25519");
  return signerOf(kind, name, privateKey);
}

function signerOf(kind: KeyKind, name: string, key: KeyObject): SignerKey {
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  return { key, verifier: verifierOf(kind, name, der.subarray(-KEY_BYTES)) };
}

/** The secret, as Go's sumdb/note writes it. */
export function formatSigner({ key, verifier: { kind, name, id } }: SignerKey): string {
  const seed = key.export({ format: "der", type: "pkcs8" }).subarray(-KEY_BYTES);
  return `${PRIVATE}${formatKey({ name, kind, id }, seed)}`;
}

function formatKey({ name, kind, id }: Omit<VerifierKey, "bytes" | "key">, bytes: Buffer): string {
  return `${name}+${id.toString("hex")}+${typedBytes(kind, bytes).toString("base64")}`;
}

function typedBytes(kind: KeyKind, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(KEY_TYPES[kind]), bytes]);
}

/** @throws NOTE_INVALID, which does not repeat the text. */
export function parseSigner(kind: KeyKind, text: string): SignerKey {
  if (!text.startsWith(PRIVATE)) throw invalid(kind, `it must begin with ${PRIVATE}`);
  const { name, id, bytes } = parseKey(kind, text.slice(PRIVATE.length));
  const der = Buffer.concat([PRIVATE_PREFIX, bytes]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const signer = signerOf(kind, name, key);
  if (signer.verifier.id.toString("hex") === id) return signer;
  throw invalid(kind, "its id must be that of its bytes");
}

function parseKey(kind: KeyKind, text: string): { name: string; id: string; bytes: Buffer } {
  const [, name, id, base64] =
    /^([^+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})$/.exec(text) ?? [];
  const typed = base64 === undefined ? null : bytesOf(base64, KEY_BYTES + 1);
  if (name === undefined || id === undefined || typed === null) {
    throw invalid(kind, "it must be name+id+key, of an Ed25519 key");
  }
  if (typed[0] !== KEY_TYPES[kind]) {
    throw invalid(kind, `its type must be ${KEY_TYPES[kind]}, it is ${typed[0]}`);
  }
  return { name: checkKeyName(name), id, bytes: typed.subarray(1) };
}

function invalid(kind: KeyKind, problem: string): BailiwickError {
  return new BailiwickError("NOTE_INVALID", `this is no key of a ${kind}: ${problem}`);
}
