/** A bucket of the embedded fabric: a map with revisions, whose entries may expire. */
import { nowMs } from "../../shared/clock.ts";
import type { StateJournal } from "./embedded-journal.ts";
import { type Bucket, type BucketName, type Deleted, type Entry, EXPIRES_MS } from "./fabric.ts";

export type BucketState = Bucket;

interface Kept extends Entry {
  readonly atMs: number;
}

export function createBucketState(name: BucketName, journal: StateJournal): BucketState {
  const expires = EXPIRES_MS[name] ?? Number.POSITIVE_INFINITY;
  const isKept = expires === Number.POSITIVE_INFINITY;
  const entries = new Map<string, Kept>();
  const watchers = new Set<(entry: Entry | Deleted) => void>();
  let revision = 0;
  for (const change of journal.changes) {
    if (!("bucket" in change) || change.bucket !== name) continue;
    revision = change.revision;
    if (change.kind === "delete") entries.delete(change.key);
    else {
      const value = Uint8Array.from(Buffer.from(change.value, "base64"));
      entries.set(change.key, { key: change.key, value, revision, atMs: nowMs() });
    }
  }
  const current = (key: string): Kept | null => {
    const entry = entries.get(key);
    if (entry === undefined || nowMs() - entry.atMs <= expires) return entry ?? null;
    entries.delete(key);
    return null;
  };
  const tell = (entry: Entry | Deleted): void => {
    for (const watcher of watchers) queueMicrotask(() => watchers.has(watcher) && watcher(entry));
  };
  return {
    get: async (key) => current(key),
    put: async (key, given, expected) => {
      if (expected !== undefined && (current(key)?.revision ?? 0) !== expected) return null;
      const value = Uint8Array.from(given);
      const own = ++revision;
      const entry = { key, value, revision: own, atMs: nowMs() };
      entries.set(key, entry);
      if (isKept) {
        const text = Buffer.from(value).toString("base64");
        await journal.append({ kind: "put", bucket: name, key, value: text, revision: own });
      }
      tell(entry);
      return own;
    },
    delete: async (key) => {
      if (!entries.delete(key)) return;
      const own = ++revision;
      if (isKept) await journal.append({ kind: "delete", bucket: name, key, revision: own });
      tell({ key, value: null });
    },
    watch: async (handler) => {
      watchers.add(handler);
      for (const key of [...entries.keys()]) {
        const entry = current(key);
        if (entry !== null) handler(entry);
      }
      return async () => {
        watchers.delete(handler);
      };
    },
  };
}
