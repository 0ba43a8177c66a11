/** Serving an earlier version again; every version that was there stays. */
import { listVersions, lockBundle, readBundle, switchVersion } from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";

/**
 * @param to - The version before the one that is served, if not given.
 * @throws INVALID_OPTION if there is no such version; BUNDLE_CORRUPT if it cannot be read whole:
 *   the one that is served stays; BUNDLE_BUSY.
 */
export async function rollback(
  folder: string,
  to?: number,
): Promise<{ readonly from: number; readonly version: number; readonly digest: string }> {
  const lock = await lockBundle(folder);
  try {
    const { version: from } = await readBundle(folder);
    const versions = await listVersions(folder);
    const version = to ?? versions.find((other) => other < from);
    if (version === undefined || !versions.includes(version)) {
      const wanted = version === undefined ? `one before ${from}` : String(version);
      const message = `a version to go back to must be kept, wanted ${wanted}, found ${versions}`;
      throw new BailiwickError("INVALID_OPTION", message, { versions: versions.map(String) });
    }
    const { digest } = await switchVersion(folder, version);
    return { from, version, digest };
  } finally {
    await lock.release();
  }
}
