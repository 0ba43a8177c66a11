/**
 * Files that are whole or absent: atomic writes, reads with a limit, output folders that are ours.
 *
 * A write goes to a temporary file beside its target, reaches the disk, and takes the target's
 * name by rename: a reader gets the old bytes or the new, never a part. What cannot be
 * replaced (a pipe, a device) is written to as it is.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, lstat, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BailiwickError, type ErrorCode } from "./errors.ts";

/** Names of temporary files; one that is left over was left by a process that was killed. */
export const TEMPORARY_NAME: RegExp = /^\..+\.[0-9a-f]{12}\.tmp$/;
/** The name of a folder's lock (lock.ts): it is there while a process writes to the folder. */
export const LOCK_NAME = ".lock";

/**
 * Writes a file so that it is never seen half written. A symbolic link is followed, not replaced.
 *
 * @throws FILE_NOT_FOUND if the folder of `path` does not exist.
 * @throws OUTPUT_OCCUPIED if `path` is a folder.
 * @throws WRITE_FAILED for anything else the system refuses, a full disk for example; the target
 *   is then as it was.
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array): Promise<void> {
  try {
    if (path === "/dev/stdout") return await writeToStdout(data);
    const target = await resolveTarget(path);
    if (target.replaceable) await replaceFile(target.path, data);
    else await writeDirectly(target.path, data);
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** The file behind `path`, and whether it can be replaced: a regular file, or none as yet. */
async function resolveTarget(path: string): Promise<{ path: string; replaceable: boolean }> {
  try {
    const real = await realpath(path);
    return { path: real, replaceable: (await lstat(real)).isFile() };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { path, replaceable: true };
    throw error;
  }
}

async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const suffix = randomBytes(6).toString("hex");
  const temporary = join(dirname(path), `.${basename(path)}.${suffix}.tmp`);
  try {
    await usingFile(temporary, "wx", async (file) => {
      await file.writeFile(data);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeDirectly(path: string, data: string | Uint8Array): Promise<void> {
  await usingFile(path, "w", (file) => file.writeFile(data));
}

/** Not through its name: where stdout is a socket, /dev/stdout cannot be opened. */
function writeToStdout(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * A rename, a new file and a removal survive a power cut only when their folder has reached the
 * disk, where folders can.
 */
export async function syncFolder(path: string): Promise<void> {
  try {
    await usingFile(path, "r", (folder) => folder.sync());
  } catch (error) {
    if (!hasCode(error, "EINVAL", "EISDIR", "ENOTSUP", "EPERM")) throw error;
  }
}

async function usingFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

/** What the system said to a write, in our words. Errors of ours pass unchanged. */
export function writeError(path: string, cause: unknown): BailiwickError {
  if (cause instanceof BailiwickError) return cause;
  if (hasCode(cause, "ENOENT")) {
    return new BailiwickError(
      "FILE_NOT_FOUND",
      `the folder of ${path} must exist`,
      { path },
      cause,
    );
  }
  if (hasCode(cause, "EISDIR")) {
    const message = `${path} must be a file, found a folder`;
    return new BailiwickError("OUTPUT_OCCUPIED", message, { path }, cause);
  }
  return new BailiwickError("WRITE_FAILED", `${path} must be writable`, { path }, cause);
}

/** Adds a line to a file, on the disk when this returns. @throws WRITE_FAILED, FILE_NOT_FOUND */
export async function appendLine(path: string, line: string): Promise<void> {
  try {
    await usingFile(path, "a", async (file) => {
      await file.writeFile(`${line}\n`);
      await file.sync();
    });
  } catch (cause) {
    throw writeError(path, cause);
  }
}

const READ_CHUNK_BYTES = 1 << 20;

export interface ReadOptions {
  readonly maxBytes: number;
  /** The code where there is no such file; FILE_NOT_FOUND if not given. */
  readonly missing?: ErrorCode;
  /** The code where it is larger than `maxBytes`; DATA_TOO_LARGE if not given. */
  readonly tooLarge?: ErrorCode;
}

/**
 * A whole file, a pipe included, of at most `maxBytes` bytes.
 *
 * @throws `missing` if there is none, or a folder in its place; `tooLarge`; READ_FAILED with what
 *   the system said for anything else.
 */
export async function readFileChecked(path: string, options: ReadOptions): Promise<Buffer> {
  const { maxBytes, missing = "FILE_NOT_FOUND", tooLarge = "DATA_TOO_LARGE" } = options;
  const bytes = await readWhole(path, maxBytes).catch((cause) => {
    throw readError(path, missing, cause);
  });
  if (bytes !== null) return bytes;
  const message = `${path} must be at most ${maxBytes} bytes`;
  throw new BailiwickError(tooLarge, message, { path, maxBytes });
}

/** The bytes of a file; null if there are more than `maxBytes`. */
async function readWhole(path: string, maxBytes: number): Promise<Buffer | null> {
  const file = await open(path, "r");
  try {
    // A pipe has size 0, and a file may grow: the end is where a read gives nothing.
    const { size } = await file.stat();
    let buffer = Buffer.alloc(Math.min(size, maxBytes) + 1);
    for (let nBytes = 0; ; ) {
      if (nBytes === buffer.length) {
        buffer = Buffer.concat([buffer], Math.min(2 * nBytes + READ_CHUNK_BYTES, maxBytes + 1));
      }
      const wanted = Math.min(READ_CHUNK_BYTES, buffer.length - nBytes);
      const { bytesRead } = await file.read(buffer, nBytes, wanted, null);
      nBytes += bytesRead;
      if (nBytes > maxBytes) return null;
      if (bytesRead === 0) return buffer.subarray(0, nBytes);
    }
  } finally {
    await file.close();
  }
}

/** All bytes of stdin, at most `maxBytes`. @throws DATA_TOO_LARGE, READ_FAILED */
export async function readStdinChecked({ maxBytes }: { maxBytes: number }): Promise<Buffer> {
  const bytes = await gather(async () => process.stdin, maxBytes).catch((cause) => {
    throw readError("stdin", "FILE_NOT_FOUND", cause);
  });
  if (bytes !== null) return bytes;
  throw new BailiwickError("DATA_TOO_LARGE", `stdin must be at most ${maxBytes} bytes`);
}

/** The bytes of a stream; null if there are more than `maxBytes`. */
async function gather(
  stream: () => Promise<AsyncIterable<Buffer | string>>,
  maxBytes: number,
): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let nBytes = 0;
  for await (const chunk of await stream()) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    nBytes += bytes.length;
    if (nBytes > maxBytes) return null;
  }
  return Buffer.concat(chunks, nBytes);
}

/** As `readFileChecked`, decoded from UTF-8; a byte order mark is dropped. */
export async function readTextFile(path: string, options: ReadOptions): Promise<string> {
  const text = (await readFileChecked(path, options)).toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

export function readError(path: string, missing: ErrorCode, cause: unknown): BailiwickError {
  if (hasCode(cause, "ENOENT", "ENOTDIR")) {
    return new BailiwickError(missing, `${path} must exist`, { path }, cause);
  }
  if (hasCode(cause, "EISDIR")) {
    return new BailiwickError(missing, `${path} must be a file, found a folder`, { path }, cause);
  }
  return new BailiwickError("READ_FAILED", `${path} must be readable`, { path }, cause);
}

/** True if the system's error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
