/**
 * Folders of this device: a bundle's, in place of a server, and one that keeps what was fetched.
 * Loaded by open-folders where one is asked for; the file for pages has none.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { manifestOf, manifestText, readBlob, readCurrent } from "../../bundle/index.ts";
import { SHIP_KINDS } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { hasCode, readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import { sha256 } from "../../shared/hash.ts";
import type { ModelSource } from "./source.ts";
import type { AgentStorage } from "./storage.ts";

const MAX_KEPT_BYTES = 512_000_000;
/** What an agent keeps: blobs by their hash, and the manifest. */
const KEPT_NAME = /^(?:[0-9a-f]{64}|manifest)$/;

/** The served version of a bundle, of which all may be used here: it is here. */
export function openBundleFolder(folder: string): ModelSource {
  return {
    manifest: async (etag) => {
      const version = await readCurrent(folder);
      const bytes = new TextEncoder().encode(manifestText(await manifestOf(folder, version)));
      const found = `"${sha256(bytes)}"`;
      if (found === etag) return null;
      return { bytes, version: String(version), etag: found, ship: SHIP_KINDS };
    },
    blob: (hash) => readBlob(folder, hash),
    remote: null,
  };
}

/** @throws WRITE_FAILED if the folder cannot be made. */
export async function folderStorage(folder: string): Promise<AgentStorage> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    const message = `${folder} must be a folder to keep blobs in`;
    throw new BailiwickError("WRITE_FAILED", message, { folder }, cause);
  }
  return {
    get: async (name) => {
      try {
        return await readFileChecked(join(folder, name), { maxBytes: MAX_KEPT_BYTES });
      } catch (error) {
        if (error instanceof BailiwickError && error.code === "FILE_NOT_FOUND") return null;
        throw error;
      }
    },
    put: (name, bytes) => writeFileAtomic(join(folder, name), bytes),
    remove: (name) => rm(join(folder, name), { force: true }),
    sizes: async () => {
      const names = (await readdir(folder)).filter((name) => KEPT_NAME.test(name));
      const sizes = new Map<string, number>();
      for (const name of names) {
        const size = await sizeOf(join(folder, name));
        if (size !== null) sizes.set(name, size);
      }
      return sizes;
    },
  };
}

/** null for a file that another process has removed. */
async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
