/** Blobs of the embedded fabric: in memory, or files by their hash. */
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Blobs } from "./fabric.ts";

const MAX_BYTES = 1 << 30;

export function createBlobStore(folder: string | null): Blobs {
  return folder === null ? inMemory() : inFolder(join(folder, "blobs"));
}

function inMemory(): Blobs {
  const blobs = new Map<string, Uint8Array>();
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      blobs.set(hash, Uint8Array.from(bytes));
      return hash;
    },
    get: async (hash) => blobs.get(hash) ?? null,
    onLost: () => undefined,
  };
}

function inFolder(folder: string): Blobs {
  return {
    put: async (bytes) => {
      const hash = sha256(bytes);
      await makeFolder(folder);
      await writeFileAtomic(join(folder, hash), bytes);
      return hash;
    },
    get: async (hash) => {
      try {
        const bytes = await readFileChecked(join(folder, hash), { maxBytes: MAX_BYTES });
        if (sha256(bytes) === hash) return bytes;
      } catch (error) {
        if (error instanceof BailiwickError && error.code === "FILE_NOT_FOUND") return null;
        throw error;
      }
      const message = `blob ${hash.slice(0, 12)} must have the content that its name says`;
      throw new BailiwickError("BLOB_CORRUPT", message, { hash });
    },
    onLost: () => undefined,
  };
}
