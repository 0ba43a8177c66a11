/**
 * SHA-256 where there is no node:crypto: in a page, whose own digest is asynchronous and absent on
 * plain HTTP. hash.ts has the faster one of Node.
 */
import { sha256 as digest } from "@noble/hashes/sha2.js";

/** SHA-256 in lower-case hex, 64 digits. A string is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  const bytes = digest(typeof data === "string" ? new TextEncoder().encode(data) : data);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
