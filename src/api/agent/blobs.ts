/** Blobs and the manifest from storage, else from the server; what is kept is checked again. */

import { SHIP_KINDS } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/sha256.ts";
import type { FetchedManifest, ModelServer } from "./server.ts";
import type { AgentStorage } from "./storage.ts";

export interface Blobs {
  /** @throws as `ModelServer.blob`. */
  blob(hash: string, maxBytes: number): Promise<Uint8Array>;
  keepManifest(manifest: FetchedManifest): Promise<void>;
  /** The manifest that was kept; null if there is none, or not whole. */
  keptManifest(): Promise<FetchedManifest | null>;
  /** Removes blobs that no expert and gate of the model has. */
  keepOnly(hashes: ReadonlySet<string>): Promise<void>;
  /** Bytes that came from the server, and writes that the storage refused. */
  readonly counts: { fetchedBytes: number; refusedWrites: number };
}

const MANIFEST = "manifest";
/** The head of a kept manifest: one line of version, etag and kinds before the bytes. */
const HEAD = /^(\d{1,15}) ("[0-9a-f]{64}") ([a-z,]*)\n/;

export function createBlobs(server: ModelServer, storage: AgentStorage): Blobs {
  const counts = { fetchedBytes: 0, refusedWrites: 0 };
  /** A full storage costs a fetch the next time, and nothing else. */
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    try {
      await storage.put(name, bytes);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      counts.refusedWrites += 1;
    }
  };
  return {
    counts,
    blob: async (hash, maxBytes) => {
      const kept = await storage.get(hash);
      if (kept !== null && sha256(kept) === hash) return kept;
      if (kept !== null) await storage.remove(hash);
      const bytes = await server.blob(hash, maxBytes);
      counts.fetchedBytes += bytes.length;
      await put(hash, bytes);
      return bytes;
    },
    keepManifest: async ({ bytes, version, etag, ship }) => {
      counts.fetchedBytes += bytes.length;
      const head = new TextEncoder().encode(`${version} ${etag} ${ship.join()}\n`);
      const both = new Uint8Array(head.length + bytes.length);
      both.set(head);
      both.set(bytes, head.length);
      await put(MANIFEST, both);
    },
    keptManifest: async () => {
      const both = await storage.get(MANIFEST);
      if (both === null) return null;
      const text = new TextDecoder().decode(both.subarray(0, 200));
      const [head, version, etag, kinds] = HEAD.exec(text) ?? [];
      if (head === undefined) return null;
      const ship = SHIP_KINDS.filter((kind) => kinds!.split(",").includes(kind));
      return { bytes: both.subarray(head.length), version: version!, etag: etag!, ship };
    },
    keepOnly: async (hashes) => {
      for (const name of await storage.names()) {
        if (name !== MANIFEST && !hashes.has(name)) await storage.remove(name);
      }
    },
  };
}

/** Whether the server could not be reached, or was busy: what is kept may do meanwhile. */
export function isUnreachable(error: unknown): error is BailiwickError {
  return error instanceof BailiwickError && error.code === "SERVER_UNAVAILABLE";
}
