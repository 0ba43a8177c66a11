/** A shard's file: lines that only ever come after those that count. */
import { open, readdir, rm, rmdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, syncFolder, TEMPORARY_NAME, writeError } from "../../shared/files.ts";
import { JOURNAL } from "./journal.ts";
import { corruptStore, type Shard, type StoreState } from "./state.ts";

const SHARD_FILE = /^\d+-(\d+)\.jsonl$/;

/** The generation of a shard, which grows when rows are written again; 0 for any other file. */
export function generationOf(name: string): number {
  return Number(SHARD_FILE.exec(name)?.[1] ?? 0);
}

/** After what counts of the file; what a killed writer left beyond is cut off. */
export async function appendLines(
  folder: string,
  shard: Shard,
  lines: string,
  nRows: number,
): Promise<Shard> {
  if (nRows === 0 && shard.bytes > 0) return shard;
  const path = join(folder, shard.file);
  try {
    const file = await open(path, "a");
    try {
      await truncate(path, shard.bytes);
      await file.writeFile(lines);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw writeError(path, cause);
  }
  const bytes = shard.bytes + Buffer.byteLength(lines);
  return { ...shard, bytes, nRows: shard.nRows + nRows };
}

export async function readBytes(path: string, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let found = 0;
  try {
    const file = await open(path, "r");
    try {
      found = (await file.read(buffer, 0, length, offset)).bytesRead;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw corruptStore(`${path}: must be readable`, cause);
  }
  if (found < length) throw corruptStore(`${path}: must have ${offset + length} bytes, it is cut`);
  return buffer;
}

/**
 * Removes what no row of the store needs: shards that the journal does not name, of a store that
 * was replaced or left by a kill; bytes beyond what counts; temporary files.
 */
export async function removeOthers(folder: string, { shards }: StoreState): Promise<void> {
  const counted = new Map(shards.map(({ file, bytes }) => [file, bytes]));
  try {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const bytes = counted.get(name);
      const isShard = SHARD_FILE.test(name);
      if (TEMPORARY_NAME.test(name) || (isShard && bytes === undefined)) {
        await rm(path, { force: true });
      } else if (bytes !== undefined && (await stat(path)).size > bytes) {
        await truncate(path, bytes);
      }
    }
    await syncFolder(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** Removes a store's files, the journal last: without it no writer looks for the others. */
export async function removeRows(folder: string): Promise<void> {
  try {
    const names = await readdir(folder);
    const ours = names.filter((name) => SHARD_FILE.test(name) || TEMPORARY_NAME.test(name));
    for (const name of [...ours, JOURNAL]) await rm(join(folder, name), { force: true });
    await rmdir(folder);
  } catch (cause) {
    // What else lies in the folder is the user's, and stays.
    if (!hasCode(cause, "ENOENT", "ENOTEMPTY", "EEXIST")) throw writeError(folder, cause);
  }
}
