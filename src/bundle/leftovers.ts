/** What killed writers left in a bundle's folder, and versions that are no longer kept. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { BailiwickError } from "../shared/errors.ts";
import { syncFolder, TEMPORARY_NAME, writeError } from "../shared/files.ts";
import { BLOBS, VERSIONS, versionOf } from "./layout.ts";
import { blobsOf, manifestOf } from "./read-bundle.ts";
import { listVersions } from "./versions.ts";

/** Removes temporary files of writers that were killed. The caller must hold the bundle's lock. */
export async function removeTemporary(folder: string): Promise<void> {
  for (const path of [folder, join(folder, VERSIONS), join(folder, BLOBS)]) {
    await removeWhere(path, () => false);
  }
}

/**
 * Removes versions, the blobs that no other version names, and temporary files. The caller must
 * hold the bundle's lock, and the served version must not be among them. Blobs stay where a version
 * that stays cannot be read.
 *
 * @throws WRITE_FAILED
 */
export async function removeVersions(
  folder: string,
  isRemoved: (version: number) => boolean,
): Promise<void> {
  const kept = (await listVersions(folder)).filter((version) => !isRemoved(version));
  const named = await blobsOfAll(folder, kept);
  try {
    await removeWhere(folder, () => false);
    await removeWhere(join(folder, VERSIONS), (name) => {
      const version = versionOf(name);
      return version !== null && isRemoved(version);
    });
    await removeWhere(join(folder, BLOBS), (name) => {
      return /^[0-9a-f]{64}$/.test(name) && named?.has(name) === false;
    });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** null if a version cannot be read. */
async function blobsOfAll(
  folder: string,
  versions: readonly number[],
): Promise<ReadonlySet<string> | null> {
  const named = new Set<string>();
  try {
    for (const version of versions) {
      for (const hash of blobsOf(await manifestOf(folder, version))) named.add(hash);
    }
  } catch (cause) {
    if (cause instanceof BailiwickError) return null;
    throw cause;
  }
  return named;
}

async function removeWhere(folder: string, isOld: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (TEMPORARY_NAME.test(name) || isOld(name)) await rm(join(folder, name), { force: true });
  }
  await syncFolder(folder);
}
