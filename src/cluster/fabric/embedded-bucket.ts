/** A bucket of the embedded fabric: a map with revisions, whose entries may expire. */
import { nowMs } from "../../shared/clock.ts";
import type { StateJournal } from "./embedded-journal.ts";
import { type Bucket, type BucketName, type Deleted, type Entry, EXPIRES_MS } from "./fabric.ts";

interface TimedEntry extends Entry {
  readonly atMs: number;
}

interface Entries {
  readonly byKey: Map<string, TimedEntry>;
  revision: number;
}

export function createBucketState(name: BucketName, journal: StateJournal): Bucket {
  const expiresMs = EXPIRES_MS[name] ?? Number.POSITIVE_INFINITY;
  const isDurable = expiresMs === Number.POSITIVE_INFINITY;
  const entries = replay(name, journal);
  const { byKey } = entries;
  const watchers = new Set<(entry: Entry | Deleted) => void>();
  const current = (key: string): TimedEntry | null => {
    const entry = byKey.get(key);
    if (entry === undefined || nowMs() - entry.atMs <= expiresMs) return entry ?? null;
    byKey.delete(key);
    return null;
  };
  const notify = (entry: Entry | Deleted): void => {
    for (const watcher of watchers) queueMicrotask(() => watchers.has(watcher) && watcher(entry));
  };
  return {
    get: async (key) => current(key),
    put: async (key, bytes, expected) => {
      if (expected !== undefined && (current(key)?.revision ?? 0) !== expected) return null;
      const value = Uint8Array.from(bytes);
      const revision = ++entries.revision;
      const entry = { key, value, revision, atMs: nowMs() };
      byKey.set(key, entry);
      if (isDurable) {
        const text = Buffer.from(value).toString("base64");
        await journal.append({ kind: "put", bucket: name, key, value: text, revision });
      }
      notify(entry);
      return revision;
    },
    delete: async (key) => {
      if (!byKey.delete(key)) return;
      const revision = ++entries.revision;
      if (isDurable) await journal.append({ kind: "delete", bucket: name, key, revision });
      notify({ key, value: null });
    },
    keys: async () => [...byKey.keys()].filter((key) => current(key) !== null),
    watch: async (handler) => {
      watchers.add(handler);
      for (const key of [...byKey.keys()]) {
        const entry = current(key);
        if (entry !== null) handler(entry);
      }
      return async () => {
        watchers.delete(handler);
      };
    },
    // Its state is this process's own, or a journal that is read at the start.
    onLost: () => undefined,
  };
}

/** The entries that the journal's changes leave. */
function replay(name: BucketName, { changes }: StateJournal): Entries {
  const entries: Entries = { byKey: new Map(), revision: 0 };
  for (const change of changes) {
    if (!("bucket" in change) || change.bucket !== name) continue;
    const { key, revision } = change;
    entries.revision = revision;
    if (change.kind === "delete") entries.byKey.delete(key);
    else {
      const value = Uint8Array.from(Buffer.from(change.value, "base64"));
      entries.byKey.set(key, { key, value, revision, atMs: nowMs() });
    }
  }
  return entries;
}
