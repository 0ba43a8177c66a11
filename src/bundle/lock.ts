/**
 * One writer of a bundle at a time, its row store included.
 *
 * The lock's file lies in the bundle's folder, so that every name of the folder (a link, a mount
 * in a container) leads to one lock.
 */
import { rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode, LOCK_NAME, writeError } from "../shared/files.ts";
import { makeFolder } from "../shared/folders.ts";
import { type Lock, takeLock } from "../shared/lock.ts";

/**
 * Locks a bundle that exists.
 *
 * @throws BUNDLE_BUSY, at once, if another process writes it; BUNDLE_NOT_FOUND if there is no such
 *   folder; WRITE_FAILED.
 */
export async function lockBundle(folder: string): Promise<Lock> {
  try {
    return await takeLock(join(folder, LOCK_NAME), `the bundle ${folder}`);
  } catch (cause) {
    const isMissing = cause instanceof BailiwickError && cause.code === "FILE_NOT_FOUND";
    if (!isMissing && !hasCode(causeOf(cause), "ENOTDIR")) throw cause;
    throw new BailiwickError("BUNDLE_NOT_FOUND", `${folder} must hold a bundle`, { folder }, cause);
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/**
 * Locks the folder of a new bundle, and creates it if it is missing. A folder that was created
 * here and is still empty is removed with the lock.
 *
 * @throws BUNDLE_BUSY, at once, if another process writes it; OUTPUT_OCCUPIED if it is a file;
 *   WRITE_FAILED.
 */
export async function lockBundleFolder(folder: string): Promise<Lock> {
  const firstMade = await makeFolder(folder);
  const lock = await takeLock(join(folder, LOCK_NAME), `the bundle ${folder}`);
  return {
    release: async () => {
      await lock.release();
      if (firstMade !== undefined) await removeEmpty(folder, firstMade);
    },
  };
}

/** Removes empty folders, from `folder` outwards to `first`. */
async function removeEmpty(folder: string, first: string): Promise<void> {
  const last = resolve(first);
  for (let at = resolve(folder); at.length >= last.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch (cause) {
      if (hasCode(cause, "ENOTEMPTY", "EEXIST", "ENOENT", "EBUSY", "EPERM")) return;
      throw writeError(at, cause);
    }
  }
}
