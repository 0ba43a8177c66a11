/** State in a NATS key-value bucket. */
import { JetStreamApiError, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { type Bucket, type BucketName, EXPIRES_MS } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import type { StreamKeeper } from "./nats-streams.ts";
import { createWatch, entryOf, type KvWatch } from "./nats-watch.ts";

const TIMEOUT_MS = 2000;
/** The server's number for "another revision held". */
const WRONG_SEQUENCE = 10071;

export async function openNatsBucket(
  nc: NatsConnection,
  name: BucketName,
  keeper: StreamKeeper,
): Promise<Bucket> {
  const id = `bailiwick_${name}`;
  const expires = EXPIRES_MS[name];
  const buckets = new Kvm(jetstream(nc, { timeout: TIMEOUT_MS }));
  const watches = new Set<KvWatch>();
  const lostHandlers: (() => Promise<void>)[] = [];
  const spec = {
    name: `KV_${id}`,
    keepsAll: expires === undefined,
    make: async () => {
      await buckets.create(id, {
        history: 1,
        allow_direct: false,
        ...(expires === undefined ? {} : { ttl: expires }),
        storage: expires === undefined ? StorageType.File : StorageType.Memory,
      });
      // Otherwise a message to one key could ask the server to remove all others.
      const { streams } = await jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false });
      await streams.update(`KV_${id}`, { allow_rollup_hdrs: false });
    },
    onLost: async () => {
      await Promise.all([...watches].map((watch) => watch.startAfterLoss()));
      await Promise.all(lostHandlers.map((handler) => handler()));
    },
    onReconnect: async () => {
      await Promise.all([...watches].map((watch) => watch.start()));
    },
  };
  await guard(name, () => keeper.keep(spec));
  const kv = await guard(name, () => buckets.open(id, { allow_direct: false }));
  return {
    get: (key) => guard(name, async () => entryOf(await kv.get(key))),
    put: (key, value, expected) => guard(name, () => put(kv, key, value, expected)),
    delete: (key) => guard(name, () => kv.delete(key)),
    keys: () => guard(name, () => keysOf(kv)),
    watch: async (handler) => {
      const watch = createWatch(kv, handler);
      await guard(name, watch.start);
      watches.add(watch);
      return async () => {
        watches.delete(watch);
        await watch.stop();
      };
    },
    onLost: (handler) => {
      lostHandlers.push(handler);
    },
  };
}

async function keysOf(kv: KV): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of await kv.keys()) keys.push(key);
  return keys;
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
