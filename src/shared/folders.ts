/** Folders that are made where they are missing, and links within them. */
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { BailiwickError } from "./errors.ts";
import { hasCode, writeError } from "./files.ts";

/**
 * Makes a folder and those above it. `mkdir` with `recursive` never returns where the system
 * refuses a folder as missing, as in /proc.
 *
 * @throws OUTPUT_OCCUPIED if a file is in its place; WRITE_FAILED or FILE_NOT_FOUND if the system
 *   refuses it.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeUpwards(resolve(path));
  } catch (cause) {
    throw writeError(path, cause);
  }
}

async function makeUpwards(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return checkFolder(path);
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    await makeUpwards(dirname(path));
    await mkdir(path);
  }
}

async function checkFolder(path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) return;
  const message = `${path} must be a folder, found a file`;
  throw new BailiwickError("OUTPUT_OCCUPIED", message, { path });
}

/**
 * The first symbolic link at any depth of a folder, relative to it; null if there is none. A folder
 * that does not exist has none.
 *
 * @throws the system's error if a folder cannot be read.
 */
export async function firstLink(folder: string): Promise<string | null> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const link = entries.find((entry) => entry.isSymbolicLink());
    return link === undefined ? null : relative(folder, resolve(link.parentPath, link.name));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return null;
    throw error;
  }
}
