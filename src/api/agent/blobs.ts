/** Blobs and the manifest from storage, else from their source; what is kept is checked again. */
import { readManifest } from "../../bundle/index.ts";
import { type Part, roomFor } from "../../cluster/residency/index.ts";
import { SHIP_KINDS } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/sha256.ts";
import type { FetchedManifest, ModelSource } from "./source.ts";
import type { AgentStorage } from "./storage.ts";

/** Use of what has that name; Infinity for what all answers need. */
export type UseOf = (name: string) => number;

export interface Blobs {
  /** @throws as `ModelSource.blob`. */
  blob(hash: string, maxBytes: number, useOf: UseOf): Promise<Uint8Array>;
  keepManifest(manifest: FetchedManifest, useOf: UseOf): Promise<void>;
  /** The manifest that was kept; null if there is none, or not whole. */
  keptManifest(): Promise<FetchedManifest | null>;
  /** Removes blobs that no expert and gate of the model has. */
  keepOnly(hashes: ReadonlySet<string>): Promise<void>;
  /** Bytes that came from the source, and writes that the storage refused. */
  readonly counts: { fetchedBytes: number; refusedWrites: number };
}

export interface BlobsOptions {
  readonly storage: AgentStorage;
  /** Most bytes in it. */
  readonly storageBytes: number;
}

const MANIFEST = "manifest";
/** The head of a kept manifest: one line of version, etag and kinds before the bytes. */
const HEAD = /^(\d{1,15}) ("[0-9a-f]{64}") ([a-z,]*)\n/;

export function createBlobs(
  source: ModelSource,
  { storage, storageBytes: mostBytes }: BlobsOptions,
): Blobs {
  const counts = { fetchedBytes: 0, refusedWrites: 0 };
  /** A storage that fails costs a fetch the next time, and nothing else. */
  const attempt = async <T>(use: () => Promise<T>): Promise<T | null> => {
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return null;
    }
  };
  const put = async (name: string, bytes: Uint8Array, useOf: UseOf): Promise<void> => {
    const use: UseOf = (one) => (one === MANIFEST ? Number.POSITIVE_INFINITY : useOf(one));
    const isKept = await attempt(async () => {
      const others = partsOf(await storage.sizes()).filter(({ hash }) => hash !== name);
      const drop = roomFor({ hash: name, bytes: bytes.length }, { parts: others, mostBytes }, use);
      // What is kept is more useful.
      if (drop === null) return true;
      for (const { hash } of drop) await storage.remove(hash);
      await storage.put(name, bytes);
      return true;
    });
    if (isKept === null) counts.refusedWrites += 1;
  };
  return {
    counts,
    blob: async (hash, maxBytes, useOf) => {
      const kept = await attempt(() => storage.get(hash));
      if (kept !== null && sha256(kept) === hash) return kept;
      if (kept !== null) await attempt(() => storage.remove(hash));
      const bytes = await source.blob(hash, maxBytes);
      counts.fetchedBytes += bytes.length;
      await put(hash, bytes, useOf);
      return bytes;
    },
    keepManifest: async ({ bytes, version, etag, ship }, useOf) => {
      counts.fetchedBytes += bytes.length;
      const head = new TextEncoder().encode(`${version} ${etag} ${ship.join()}\n`);
      const both = new Uint8Array(head.length + bytes.length);
      both.set(head);
      both.set(bytes, head.length);
      await put(MANIFEST, both, useOf);
    },
    keptManifest: async () => parseKept(await attempt(() => storage.get(MANIFEST))),
    keepOnly: async (hashes) => {
      await attempt(async () => {
        for (const name of (await storage.sizes()).keys()) {
          if (name !== MANIFEST && !hashes.has(name)) await storage.remove(name);
        }
      });
    },
  };
}

function partsOf(sizes: ReadonlyMap<string, number>): readonly Part[] {
  return [...sizes].map(([hash, bytes]) => ({ hash, bytes }));
}

function parseKept(both: Uint8Array | null): FetchedManifest | null {
  if (both === null) return null;
  const [head, version, etag, kinds] =
    HEAD.exec(new TextDecoder().decode(both.subarray(0, 200))) ?? [];
  if (head === undefined) return null;
  const bytes = both.subarray(head.length);
  try {
    readManifest(bytes, "the kept manifest");
  } catch (error) {
    if (error instanceof BailiwickError) return null;
    throw error;
  }
  const ship = SHIP_KINDS.filter((kind) => kinds!.split(",").includes(kind));
  return { bytes, version: version!, etag: etag!, ship };
}
