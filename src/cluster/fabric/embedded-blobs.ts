/** Blobs of the embedded fabric: in memory, or files of a folder for each zone. */
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import {
  hasCode,
  readFileChecked,
  syncFolder,
  TEMPORARY_NAME,
  writeFileAtomic,
} from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import { sha256 } from "../../shared/hash.ts";
import type { BlobPlace, Blobs, ListedBlob } from "./fabric.ts";

const MAX_BYTES = 1 << 30;
const HASH_BYTES = 32;

export function createBlobStore(folder: string | null): Blobs {
  return folder === null ? inMemory() : inFolder(join(folder, "blobs"));
}

function inMemory(): Blobs {
  const blobs = new Map<string, BlobPlace & { readonly bytes: Uint8Array }>();
  return {
    put: async (name, zone, bytes) => {
      blobs.set(`${zone}/${name}`, { name, zone, bytes: Uint8Array.from(bytes) });
    },
    get: async (name, zone) => blobs.get(`${zone}/${name}`)?.bytes ?? null,
    list: async () => [...blobs.values()].map(({ name, zone }) => ({ name, zone, isWhole: true })),
    erase: async (name, zone) => {
      blobs.delete(`${zone}/${name}`);
    },
    onLost: () => undefined,
  };
}

/** A file holds the SHA-256 of its content, then the content. */
function inFolder(folder: string): Blobs {
  return {
    put: async (name, zone, bytes) => {
      await makeFolder(join(folder, zone));
      const hash = Buffer.from(sha256(bytes), "hex");
      await writeFileAtomic(join(folder, zone, name), Buffer.concat([hash, bytes]));
    },
    get: async (name, zone) => {
      const file = await orNull(readFileChecked(join(folder, zone, name), { maxBytes: MAX_BYTES }));
      if (file === null) return null;
      const bytes = Uint8Array.from(file.subarray(HASH_BYTES));
      if (sha256(bytes) === file.subarray(0, HASH_BYTES).toString("hex")) return bytes;
      const message = `blob ${name.slice(0, 12)} must have the SHA-256 that was stored with it`;
      throw new BailiwickError("BLOB_CORRUPT", message, { name });
    },
    list: async () => {
      const places: ListedBlob[] = [];
      for (const zone of await namesIn(folder)) {
        for (const name of await namesIn(join(folder, zone))) {
          places.push({ name, zone, isWhole: true });
        }
      }
      return places;
    },
    erase: async (name, zone) => {
      await orNull(unlink(join(folder, zone, name)));
      await orNull(syncFolder(join(folder, zone)));
    },
    onLost: () => undefined,
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = (await orNull(readdir(folder))) ?? [];
  return names.filter((name) => !TEMPORARY_NAME.test(name));
}

/** null where there is no such file or folder. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    const isAbsent = error instanceof BailiwickError && error.code === "FILE_NOT_FOUND";
    if (isAbsent || hasCode(error, "ENOENT")) return null;
    throw error;
  }
}
