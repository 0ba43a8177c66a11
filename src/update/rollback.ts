/** Serving an earlier version again; every version that was there stays. */
import { listVersions, lockBundle, switchVersion } from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { openSettled } from "./open-bundle.ts";

/**
 * Rows that a killed update left pending are settled first, by the version that it leaves.
 *
 * @param to - If not given, the version that the served one was made from or, where that is not
 *   kept, the one before it.
 * @throws INVALID_OPTION if there is no such version; BUNDLE_CORRUPT if it cannot be read whole:
 *   the one that is served stays; BUNDLE_BUSY.
 */
export async function rollback(
  folder: string,
  to?: number,
): Promise<{ readonly from: number; readonly version: number; readonly digest: string }> {
  const lock = await lockBundle(folder);
  try {
    const { version: from, manifest } = (await openSettled(folder)).bundle;
    const versions = await listVersions(folder);
    const origin = versions.find((other) => other === manifest.update?.fromVersion);
    const version = to ?? origin ?? versions.find((other) => other < from);
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
