/**
 * One writer at a time: a lock that the operating system holds on an open file.
 *
 * The system releases it when the process ends, however it ends, so no lock is ever stale and no
 * process number is compared. It holds between containers that share a volume, and between
 * machines where the file system has locks. The file itself says nothing: it is empty, and its
 * holder removes it (docs/adr/0023-os-locks.md).
 */
import { spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { BailiwickError } from "./errors.ts";
import { hasCode, writeError } from "./files.ts";

export interface Lock {
  release(): Promise<void>;
}

/** A file that was removed between opening and locking it is opened again this many times. */
const MAX_ATTEMPTS = 1000;

// A link would lead out of the folder, to a file that is not ours.
const FLAGS = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/**
 * @param path - The lock's file. Its folder must exist.
 * @param what - What is locked, in words: "the bundle out/model".
 * @throws BUNDLE_BUSY, at once, if the lock is held; FILE_NOT_FOUND if there is no such folder;
 *   WRITE_FAILED if the system refuses the file or has no locks.
 */
export async function takeLock(path: string, what: string): Promise<Lock> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const file = await openLockFile(path);
    const isHeld = await lockOrClose(file, path);
    if (isHeld && (await isStillAt(file, path))) return { release: () => release(file, path) };
    await file.close();
    if (!isHeld) break;
  }
  throw new BailiwickError("BUNDLE_BUSY", `${what} is locked, another process writes it`, { path });
}

async function openLockFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, FLAGS);
  } catch (cause) {
    if (!hasCode(cause, "ELOOP")) throw writeError(path, cause);
    const message = `${path} must be a file, found a link`;
    throw new BailiwickError("WRITE_FAILED", message, { path }, cause);
  }
}

async function lockOrClose(file: FileHandle, path: string): Promise<boolean> {
  try {
    return tryLock(file.fd);
  } catch (cause) {
    await file.close();
    throw writeError(path, cause);
  }
}

/** False if the holder before removed the file after it was opened here: others lock a new one. */
async function isStillAt(file: FileHandle, path: string): Promise<boolean> {
  const held = await file.stat({ bigint: true });
  try {
    const there = await stat(path, { bigint: true });
    return there.ino === held.ino && there.dev === held.dev;
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return false;
    throw writeError(path, cause);
  }
}

/** Removes the file while it is locked, then unlocks it. A file that cannot be removed may stay. */
async function release(file: FileHandle, path: string): Promise<void> {
  try {
    if (await isStillAt(file, path)) await rm(path, { force: true });
  } catch (cause) {
    if (!hasCode(cause, "EACCES", "EBUSY", "EPERM", "EROFS")) throw writeError(path, cause);
  } finally {
    await file.close();
  }
}

/** Locks an open file until it is closed; false if it is locked already. */
function tryLock(fd: number): boolean {
  try {
    const addon: unknown = createRequire(import.meta.url)("fs-native-extensions");
    if (hasTryLock(addon)) return addon.tryLock(fd);
  } catch (cause) {
    if (!hasCode(cause, "ADDON_NOT_FOUND", "CANNOT_LOAD")) throw cause;
  }
  return tryLockByProgram(fd);
}

function hasTryLock(addon: unknown): addon is { tryLock(fd: number): boolean } {
  return typeof addon === "object" && addon !== null && "tryLock" in addon;
}

/**
 * As `tryLock`, where the addon has no build for the platform: the program `flock` locks the file
 * that it inherits, and the lock stays with the file when the program has ended.
 */
export function tryLockByProgram(fd: number): boolean {
  const { status, error } = spawnSync("flock", ["-n", "3"], {
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  if (error !== undefined) throw error;
  if (status === 0 || status === 1) return status === 0;
  throw new BailiwickError("WRITE_FAILED", "the file system must have locks, flock failed");
}
