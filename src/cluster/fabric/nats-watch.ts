/**
 * A watch of a NATS key-value bucket that outlives reconnects, and a bucket that came back empty.
 */
import type { KV, KvWatchEntry } from "@nats-io/kv";
import type { QueuedIterator } from "@nats-io/transport-node";
import type { Deleted, Entry } from "./fabric.ts";

export interface KvWatch {
  /** From the start, or again after a reconnect. */
  start(): Promise<void>;
  /** Again, after the bucket was lost: its revisions have started again. */
  startAfterLoss(): Promise<void>;
  stop(): Promise<void>;
}

/** After a loss an entry is taken for deleted if no process has put it again by then. */
const PUT_AGAIN_MS = 10_000;

export function createWatch(kv: KV, handler: (entry: Entry | Deleted) => void): KvWatch {
  const revisions = new Map<string, number>();
  let current: QueuedIterator<KvWatchEntry> | null = null;
  let isStopped = false;

  const take = (entry: KvWatchEntry): void => {
    if ((revisions.get(entry.key) ?? 0) >= entry.revision) return;
    revisions.set(entry.key, entry.revision);
    handler(entryOf(entry) ?? { key: entry.key, value: null });
  };
  const follow = async (entries: QueuedIterator<KvWatchEntry>): Promise<void> => {
    for await (const entry of entries) if (!isStopped && entries === current) take(entry);
  };
  const begin = async (): Promise<void> => {
    // What the last watch still delivers may be of a lost bucket, whose revisions were higher.
    current?.stop();
    current = null;
    const entries = await kv.watch();
    if (isStopped) return entries.stop();
    current = entries;
    void follow(entries).catch(() => undefined);
  };
  return {
    start: begin,
    startAfterLoss: async () => {
      const lost = [...revisions.keys()];
      revisions.clear();
      await begin();
      setTimeout(() => {
        if (isStopped) return;
        for (const key of lost) if (!revisions.has(key)) handler({ key, value: null });
      }, PUT_AGAIN_MS).unref();
    },
    stop: async () => {
      isStopped = true;
      current?.stop();
    },
  };
}

/** null for a key that was deleted, or never put. */
export function entryOf(
  entry: Pick<KvWatchEntry, "key" | "value" | "revision" | "operation"> | null,
): Entry | null {
  if (entry === null || entry.operation !== "PUT") return null;
  const { key, value, revision } = entry;
  return { key, value, revision };
}
