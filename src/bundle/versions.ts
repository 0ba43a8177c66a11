/** The versions of a bundle's folder, and a stamp that changes with the served version. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode, readTextFile } from "../shared/files.ts";
import { CURRENT, MAX_CURRENT_BYTES, VERSIONS, versionFile, versionOf } from "./layout.ts";

/** The numbers of all versions in the folder, newest first. @throws as `currentStamp`. */
export async function listVersions(folder: string): Promise<readonly number[]> {
  const names = await orNotFound(folder, () => readdir(join(folder, VERSIONS)));
  const versions = names.map(versionOf).filter((version) => version !== null);
  return versions.sort((a, b) => b - a);
}

/**
 * A text that changes whenever the served version changes: after a switch to another number, or
 * after a copy over the folder with another manifest of the same number. Costs a
 * read and three looks at files.
 *
 * @throws BUNDLE_NOT_FOUND if `folder` holds no bundle, READ_FAILED if the system refuses.
 */
export async function currentStamp(folder: string): Promise<string> {
  const current = join(folder, CURRENT);
  for (;;) {
    const before = await orNotFound(folder, () => fileStamp(current));
    const text = await readTextFile(current, {
      maxBytes: MAX_CURRENT_BYTES,
      missing: "BUNDLE_NOT_FOUND",
      tooLarge: "BUNDLE_CORRUPT",
    });
    const manifest = join(folder, versionFile(Number.parseInt(text, 10)));
    const stamp = await orNotFound(folder, async () => {
      return `${await fileStamp(current)} ${await fileStamp(manifest)}`;
    });
    // Otherwise CURRENT was replaced meanwhile, and may name another manifest.
    if (stamp.startsWith(`${before} `)) return stamp;
  }
}

/** Empty for a file that is not there. */
async function fileStamp(path: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, ino, size } = await stat(path, { bigint: true });
    return `${mtimeNs}-${ctimeNs}-${ino}-${size}`;
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return "";
    throw cause;
  }
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
