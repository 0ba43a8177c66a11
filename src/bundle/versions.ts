/** What a bundle's folder holds besides the version that is served, for those who watch it. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode } from "../shared/files.ts";
import { CURRENT, VERSIONS, versionOf } from "./layout.ts";

/** The numbers of all versions in the folder, newest first. @throws as `currentStamp`. */
export async function listVersions(folder: string): Promise<readonly number[]> {
  const names = await orNotFound(folder, () => readdir(join(folder, VERSIONS)));
  const versions = names.map(versionOf).filter((version) => version !== null);
  return versions.sort((a, b) => b - a);
}

/**
 * A text that is another one after each switch of versions, whatever their numbers. Costs one call
 * of the system.
 *
 * @throws BUNDLE_NOT_FOUND if `folder` holds no bundle, READ_FAILED if the system refuses.
 */
export async function currentStamp(folder: string): Promise<string> {
  const stats = await orNotFound(folder, () => stat(join(folder, CURRENT), { bigint: true }));
  return `${stats.mtimeNs}-${stats.ino}-${stats.size}`;
}

async function orNotFound<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const [code, must] = hasCode(cause, "ENOENT", "ENOTDIR")
      ? (["BUNDLE_NOT_FOUND", "must hold a bundle"] as const)
      : (["READ_FAILED", "must be readable"] as const);
    throw new BailiwickError(code, `${folder} ${must}`, { folder }, cause);
  }
}
