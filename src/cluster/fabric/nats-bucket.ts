/** State in a NATS key-value bucket. */
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  StorageType,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { nanos } from "@nats-io/transport-node";
import { type Bucket, type BucketName, EXPIRES_MS } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import type { Store } from "./nats-streams.ts";
import { createWatch, entryOf, type KvWatch } from "./nats-watch.ts";

const TIMEOUT_MS = 2000;
/** The server's number for "another revision held". */
const WRONG_SEQUENCE = 10071;

export async function openNatsBucket(
  { nc, keeper, nCopies }: Store,
  name: BucketName,
): Promise<Bucket> {
  const id = `bailiwick_${name}`;
  const expires = EXPIRES_MS[name];
  const buckets = new Kvm(jetstream(nc, { timeout: TIMEOUT_MS }));
  const watches = new Set<KvWatch>();
  const lostHandlers: (() => Promise<void>)[] = [];
  const manager = (): Promise<JetStreamManager> =>
    jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false });
  const spec = {
    name: streamOf(id),
    keepsAll: expires === undefined,
    make: async () => (await manager()).streams.add(configOf(id, nCopies, expires)),
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
    keys: () => guard(name, async () => keysOf(id, kv, await manager())),
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

/**
 * As the client would make it, but a message to one key cannot ask the server to remove all others.
 * Made in one step: of several processes that make it at once, all make the same.
 */
function configOf(id: string, nCopies: number, expiresMs: number | undefined) {
  return {
    name: streamOf(id),
    subjects: [`$KV.${id}.>`],
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
    num_replicas: nCopies,
    allow_direct: false,
    allow_rollup_hdrs: false,
    ...(expiresMs === undefined
      ? { storage: StorageType.File }
      : { storage: StorageType.Memory, max_age: nanos(expiresMs) }),
  };
}

/** The client's own way to the keys waits without end where entries vanish meanwhile. */
async function keysOf(
  id: string,
  kv: KV,
  { streams }: JetStreamManager,
): Promise<readonly string[]> {
  const prefix = `$KV.${id}.`;
  const { state } = await streams.info(streamOf(id), { subjects_filter: `${prefix}>` });
  const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
  const isThere = await Promise.all(keys.map(async (key) => entryOf(await kv.get(key)) !== null));
  return keys.filter((_, i) => isThere[i]);
}

function streamOf(bucket: string): string {
  return `KV_${bucket}`;
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
