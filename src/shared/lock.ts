/**
 * One writer at a time: a lock is a file that only one process can create, with its number inside.
 *
 * A lock whose process is no more was left by a kill, and is taken over. Works between processes of
 * one machine.
 */
import { randomBytes } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { BailiwickError } from "./errors.ts";
import { hasCode, writeError } from "./files.ts";

export interface Lock {
  release(): Promise<void>;
}

/**
 * @param what - What is locked, in words: "the bundle out/model".
 * @throws BUNDLE_BUSY, at once, if another process holds the lock; WRITE_FAILED, FILE_NOT_FOUND.
 */
export async function takeLock(path: string, what: string): Promise<Lock> {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await createLock(path)) return { release: () => rm(path, { force: true }) };
    const holder = await readHolder(path);
    if (holder !== null && isAlive(holder)) {
      const message = `${what} must not be updated by two at once, process ${holder} is at it`;
      throw new BailiwickError("BUNDLE_BUSY", message, { path, holder });
    }
    await removeStale(path);
  }
  throw new BailiwickError("BUNDLE_BUSY", `${what} is being updated by another process`, { path });
}

async function createLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (cause) {
    if (hasCode(cause, "EEXIST")) return false;
    throw writeError(path, cause);
  }
}

/** The process that holds the lock; null if it was released meanwhile, or never said. */
async function readHolder(path: string): Promise<number | null> {
  // Who has just created it may not have written yet.
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const holder = Number.parseInt(await readFile(path, "utf8"), 10);
      if (Number.isInteger(holder)) return holder;
    } catch (cause) {
      if (hasCode(cause, "ENOENT")) return null;
      throw writeError(path, cause);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

/** By a rename, so that of two who take it over only one removes it. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await rename(path, aside);
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return;
    throw writeError(path, cause);
  }
  await rm(aside, { force: true });
}
