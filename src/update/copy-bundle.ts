/**
 * A copy of a bundle and of the rows that are kept beside it: CURRENT comes last, each file is on
 * the disk before it, and a copy without CURRENT is no bundle. A kill leaves no half that looks
 * whole.
 */
import { readdir, readFile, realpath, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { CURRENT, lockBundle } from "../bundle/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import {
  hasCode,
  LOCK_NAME,
  readError,
  syncFolder,
  TEMPORARY_NAME,
  writeError,
  writeFileAtomic,
} from "../shared/files.ts";
import { makeFolder } from "../shared/folders.ts";
import type { Lock } from "../shared/lock.ts";
import { storeFolder } from "./store/index.ts";

/** Named by the journal, or by CURRENT: what names others is written after them. */
const LAST = [CURRENT, "journal.jsonl"];

/**
 * Replaces the bundle in `to`, which the caller has locked, by a copy.
 *
 * @throws INVALID_OPTION if both are one folder; BUNDLE_BUSY if another process writes `from`;
 *   READ_FAILED, WRITE_FAILED.
 */
export async function copyBundle(from: string, to: string): Promise<void> {
  if ((await realpath(from)) === (await realpath(to))) {
    const message = `a copy must lie in another folder than its bundle, both are ${to}`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const lock = await lockUnlessReadOnly(from);
  try {
    await removeBundle(to);
    await copyFiles(storeFolder(from), storeFolder(to));
    await copyFiles(from, to);
  } finally {
    await lock?.release();
  }
}

/** null where no process can write the bundle. */
async function lockUnlessReadOnly(folder: string): Promise<Lock | null> {
  try {
    return await lockBundle(folder);
  } catch (error) {
    if (error instanceof BailiwickError && error.code === "WRITE_FAILED") return null;
    throw error;
  }
}

/** From now on the folder is no bundle. */
async function removeBundle(folder: string): Promise<void> {
  try {
    await rm(join(folder, CURRENT), { force: true });
    await syncFolder(folder);
    const cut = (await readdir(folder)).filter((name) => TEMPORARY_NAME.test(name));
    const old = ["versions", "blobs", ...cut].map((name) => join(folder, name));
    for (const path of [...old, storeFolder(folder)]) {
      await rm(path, { recursive: true, force: true });
    }
    await syncFolder(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** Copies all files below a folder; nothing where there is no folder. */
async function copyFiles(from: string, to: string): Promise<void> {
  const paths = await filesBelow(from);
  const isLast = (path: string): boolean => LAST.includes(path);
  const ordered = [...paths.filter((path) => !isLast(path)), ...paths.filter(isLast)];
  for (const path of ordered) {
    const target = join(to, path);
    await makeFolder(join(target, ".."));
    await writeFileAtomic(target, await read(join(from, path)));
  }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    if (hasCode(cause, "ENOENT")) return [];
    throw readError(folder, "FILE_NOT_FOUND", cause);
  });
  return entries
    .filter((one) => one.isFile() && one.name !== LOCK_NAME && !TEMPORARY_NAME.test(one.name))
    .map((one) => relative(folder, join(one.parentPath, one.name)));
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw readError(path, "FILE_NOT_FOUND", cause);
  }
}
