/** Folders that are made where they are missing, and links within them. */
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { BailiwickError } from "./errors.ts";
import { hasCode, LOCK_NAME, TEMPORARY_NAME, writeError } from "./files.ts";

/**
 * Makes a folder and those above it. `mkdir` with `recursive` never returns where the system
 * refuses a folder as missing, as in /proc.
 *
 * @returns The outermost folder that was made; undefined where there was the folder already.
 * @throws OUTPUT_OCCUPIED if a file is in its place or above it; WRITE_FAILED or FILE_NOT_FOUND if
 *   the system refuses it.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await makeUpwards(resolve(path));
  } catch (cause) {
    throw hasCode(cause, "ENOTDIR") ? occupied(path, cause) : writeError(path, cause);
  }
}

async function makeUpwards(path: string): Promise<string | undefined> {
  try {
    return await makeOne(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
    const outermost = await makeUpwards(dirname(path));
    const made = await makeOne(path);
    return outermost ?? made;
  }
}

/** The folder if it was made, undefined where there is one. */
async function makeOne(path: string): Promise<string | undefined> {
  try {
    await mkdir(path);
    return path;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    if ((await stat(path)).isDirectory()) return undefined;
    throw occupied(path, error);
  }
}

function occupied(path: string, cause: unknown): BailiwickError {
  const message = `${path} must be a folder, found a file`;
  return new BailiwickError("OUTPUT_OCCUPIED", message, { path }, cause);
}

export interface OutputFolderOptions {
  /** Write into a folder that holds something else; nothing in it is removed. */
  readonly force: boolean;
  /** Names that we write there: a folder that holds nothing else is ours to write again. */
  readonly ours: readonly string[];
}

/**
 * Makes sure that `path` is a folder to write into, and makes it where there is none.
 *
 * @throws OUTPUT_OCCUPIED if it is no folder, or holds names that are not ours and `force` is off.
 */
export async function prepareOutputFolder(
  path: string,
  { force, ours }: OutputFolderOptions,
): Promise<void> {
  await makeFolder(path);
  try {
    const foreign = (await readdir(path)).filter(
      (name) => !ours.includes(name) && name !== LOCK_NAME && !TEMPORARY_NAME.test(name),
    );
    if (foreign.length === 0 || force) return;
    const contents = `found ${foreign.slice(0, 3).join(", ")}${foreign.length > 3 ? ", …" : ""}`;
    const message = `${path} must be empty or hold our own earlier output, ${contents} (--force)`;
    throw new BailiwickError("OUTPUT_OCCUPIED", message, { path, found: foreign.slice(0, 10) });
  } catch (cause) {
    throw writeError(path, cause);
  }
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
