/**
 * What two sites share and no one else knows: X25519 for a fit, from which HKDF takes a key for
 * each round and use. All of it is node:crypto's.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { BailiwickError } from "../../shared/errors.ts";
import { expandKey, extractSecret } from "../../shared/hkdf.ts";
import type { Words } from "./words.ts";

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What sealing adds to a text. */
export const SEAL_BYTES: number = TAG_BYTES;
/** A key of one use seals one text, and no nonce comes twice under it. */
const ONLY_NONCE = new Uint8Array(NONCE_BYTES);
const FIRST_COUNTER = Buffer.alloc(16);
/** The text of masks, which all masks of a round share. */
let zeros = new Uint8Array(0);
/** A public key in DER is this, and the key's bytes. */
const DER_HEAD = Buffer.from("302a300506032b656e032100", "hex");

export interface FitKey {
  readonly secret: KeyObject;
  /** Shape (KEY_BYTES,). */
  readonly publicKey: Uint8Array;
}

export function newFitKey(): FitKey {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const der = publicKey.export({ format: "der", type: "spki" });
  return { secret: privateKey, publicKey: der.subarray(DER_HEAD.length) };
}

/**
 * What HKDF (RFC 5869) extracts from the secret that both have: once for a pair of sites, since
 * the keys of all rounds are expanded from it.
 *
 * @throws MESSAGE_INVALID for bytes that are no key.
 */
export function sharedSecret({ secret }: FitKey, publicKey: Uint8Array): Uint8Array {
  try {
    const key = Buffer.concat([DER_HEAD, publicKey]);
    const theirs = createPublicKey({ key, format: "der", type: "spki" });
    const agreed = diffieHellman({ privateKey: secret, publicKey: theirs });
    return extractSecret(agreed);
  } catch (cause) {
    throw new BailiwickError("MESSAGE_INVALID", "a site's key must be one of X25519", {}, cause);
  }
}

/**
 * A key for one use, of `KEY_BYTES`.
 *
 * @param use - Names the fit, the round and what it is for.
 */
export function keyFor(shared: Uint8Array, use: string): Uint8Array {
  return expandKey(shared, use, KEY_BYTES);
}

/** A new seed of an own mask. */
export function newSeed(): Uint8Array {
  return Uint8Array.from(randomBytes(KEY_BYTES));
}

/** Uniform words from a key that is used for nothing else: AES-256-CTR from 0. */
export function maskOf(key: Uint8Array, nWords: number): Words {
  const cipher = createCipheriv("aes-256-ctr", key, FIRST_COUNTER);
  if (zeros.length !== 4 * nWords) zeros = new Uint8Array(4 * nWords);
  const bytes = cipher.update(zeros);
  if (bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, nWords);
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Encrypts under a key of one use, for one text; `about` is bound to it. */
export function seal(key: Uint8Array, text: Uint8Array, about: string): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, ONLY_NONCE).setAAD(Buffer.from(about));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** @throws MESSAGE_INVALID unless it was sealed so, with this key, about this. */
export function unseal(key: Uint8Array, sealed: Uint8Array, about: string): Uint8Array {
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, ONLY_NONCE)
      .setAAD(Buffer.from(about))
      .setAuthTag(sealed.subarray(end));
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    const message = "a sealed share must be as its site sealed it, it is not";
    throw new BailiwickError("MESSAGE_INVALID", message, {}, cause);
  }
}
