/** A shard's file: lines that only ever come after those that count. */
import { open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, TEMPORARY_NAME, writeError } from "../../shared/files.ts";
import { corruptStore, type Shard, type StoreState } from "./journal.ts";

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
      const isShard = /^\d+-\d+\.jsonl$/.test(name);
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
