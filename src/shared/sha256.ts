/**
 * SHA-256 where there is no node:crypto: in a page, whose own digest is asynchronous and absent on
 * plain HTTP. hash.ts has the faster one of Node.
 */
import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 in lower-case hex, 64 digits. A string is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return bytesToHex(digest(typeof data === "string" ? utf8ToBytes(data) : data));
}
