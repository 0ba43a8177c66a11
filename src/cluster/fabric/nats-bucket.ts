/** State in a NATS key-value bucket. */
import { JetStreamApiError, jetstream, StorageType } from "@nats-io/jetstream";
import { type KV, Kvm, type KvWatchEntry } from "@nats-io/kv";
import type { NatsConnection, QueuedIterator } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { type Bucket, type BucketName, type Deleted, type Entry, EXPIRES_MS } from "./fabric.ts";

const TIMEOUT_MS = 2000;
/** Another revision held. */
const WRONG_SEQUENCE = 10071;

export async function openNatsBucket(
  nc: NatsConnection,
  name: BucketName,
  onConnection: (handler: (isConnected: boolean) => void) => void,
): Promise<Bucket> {
  const kv = await openOrCreate(nc, name);
  const watches = new Set<KvWatch>();
  // What is kept in memory is gone when the server was started again.
  onConnection((isConnected) => {
    if (!isConnected) return;
    void insist(async () => {
      await openOrCreate(nc, name);
      await Promise.all([...watches].map((watch) => watch.start()));
    });
  });
  return {
    get: (key) => guard(name, async () => entryOf(await kv.get(key))),
    put: (key, value, expected) => guard(name, () => put(kv, key, value, expected)),
    delete: (key) => guard(name, () => kv.delete(key)),
    watch: async (handler) => {
      const watch = createWatch(kv, handler);
      await guard(name, watch.start);
      watches.add(watch);
      return async () => {
        watches.delete(watch);
        await watch.stop();
      };
    },
  };
}

const RETRIES = 100;
const RETRY_MS = 100;

/** A server that has just started again does not answer everything yet. */
async function insist(action: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    try {
      return await action();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Made by who comes first and may; by others only opened. */
async function openOrCreate(nc: NatsConnection, name: BucketName): Promise<KV> {
  const manager = new Kvm(jetstream(nc, { timeout: TIMEOUT_MS }));
  const expires = EXPIRES_MS[name];
  const own = `bailiwick_${name}`;
  return guard(name, async () => {
    const kv = await manager.open(own, { allow_direct: false });
    try {
      await kv.status();
      return kv;
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error;
    }
    return manager.create(own, {
      history: 1,
      allow_direct: false,
      ...(expires === undefined ? {} : { ttl: expires }),
      storage: expires === undefined ? StorageType.File : StorageType.Memory,
    });
  });
}

async function put(
  kv: KV,
  key: string,
  value: Uint8Array,
  expected: number | undefined,
): Promise<number | null> {
  try {
    if (expected === undefined) return await kv.put(key, value, { timeout: TIMEOUT_MS });
    if (expected === 0) return await kv.create(key, value);
    return await kv.update(key, value, expected, TIMEOUT_MS);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === WRONG_SEQUENCE) return null;
    throw error;
  }
}

function entryOf(
  entry: { key: string; value: Uint8Array; revision: number; operation: string } | null,
): Entry | null {
  if (entry === null || entry.operation !== "PUT") return null;
  const { key, value, revision } = entry;
  return { key, value, revision };
}

interface KvWatch {
  /** From the start, or again after a connection was lost. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

function createWatch(kv: KV, handler: (entry: Entry | Deleted) => void): KvWatch {
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
  /** What was deleted while nobody told us. */
  const dropMissing = async (): Promise<void> => {
    const there = new Set<string>();
    for await (const key of await kv.keys()) there.add(key);
    for (const key of [...revisions.keys()]) {
      if (there.has(key)) continue;
      revisions.delete(key);
      handler({ key, value: null });
    }
  };
  return {
    start: async () => {
      current?.stop();
      const isAgain = current !== null;
      const entries = await kv.watch();
      if (isStopped) return entries.stop();
      current = entries;
      void follow(entries).catch(() => undefined);
      if (isAgain) await dropMissing();
    },
    stop: async () => {
      isStopped = true;
      current?.stop();
    },
  };
}

/** What JetStream fails at, in our words. */
export async function guard<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof BailiwickError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the NATS server must keep the fabric's ${what}, got "${why}"`;
    throw new BailiwickError("FABRIC_UNAVAILABLE", message, { what }, cause);
  }
}
