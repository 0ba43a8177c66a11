/** Files of secret keys. */
import { open } from "node:fs/promises";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode, writeError } from "../shared/files.ts";

/**
 * Never over another key: what that has signed could not be continued.
 *
 * @throws OUTPUT_OCCUPIED, WRITE_FAILED
 */
export async function writeSecret(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (!hasCode(cause, "EEXIST")) throw writeError(path, cause);
    const message = `${path} must not exist: a key is not written over`;
    throw new BailiwickError("OUTPUT_OCCUPIED", message, { path }, cause);
  }
}
