/** Content hashes, as file names and fingerprints. */
import { createHash } from "node:crypto";

/** SHA-256 in lower-case hex, 64 digits. A string is hashed as UTF-8. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
