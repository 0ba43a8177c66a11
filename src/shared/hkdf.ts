/**
 * HKDF with SHA-256 (RFC 5869) in its two steps, so that many keys are expanded from what was
 * extracted once. `hkdfSync` of node:crypto does both each time, to the same bytes.
 */
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** 32 bytes to expand keys from, without a salt. @param secret - Need not be uniform. */
export function extractSecret(secret: Uint8Array): Uint8Array {
  return extract(sha256, secret);
}

/**
 * A key for one use.
 *
 * @param extracted - Of `extractSecret`.
 * @param use - Says what the key is for: another use has another key.
 */
export function expandKey(extracted: Uint8Array, use: string, nBytes: number): Uint8Array {
  return expand(sha256, extracted, new TextEncoder().encode(use), nBytes);
}
