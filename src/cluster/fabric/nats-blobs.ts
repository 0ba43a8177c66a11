/** Blobs on a NATS server: as values where they fit a message, as objects where they do not. */
import { jetstream, StorageType } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { type ObjectStore, Objm, setSha256Backend } from "@nats-io/obj";
import type { NatsConnection } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Blobs } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import type { StreamKeeper } from "./nats-streams.ts";

/** A value larger than this holds up the server's other clients. */
const MAX_VALUE_BYTES = 4_000_000;
const TIMEOUT_MS = 5000;
const VALUES = "bailiwick_blobs";
const OBJECTS = "bailiwick_objects";

export function natsBlobs(nc: NatsConnection, maxBodyBytes: number, keeper: StreamKeeper): Blobs {
  setSha256Backend("native");
  const maxValueBytes = Math.min(MAX_VALUE_BYTES, maxBodyBytes);
  const lostHandlers: (() => Promise<void>)[] = [];
  const onLost = async (): Promise<void> => {
    await Promise.all(lostHandlers.map((handler) => handler()));
  };
  const valueStore = once(() => openValues(nc, keeper, onLost));
  const objectStore = once(() => openObjects(nc, keeper, onLost));
  return {
    put: (bytes) =>
      guard("blobs", async () => {
        const hash = sha256(bytes);
        if (bytes.length <= maxValueBytes) {
          const store = await valueStore();
          if ((await store.get(hash)) === null) await store.put(hash, bytes);
        } else {
          const store = await objectStore();
          if ((await store.info(hash)) === null) await store.putBlob({ name: hash }, bytes);
        }
        return hash;
      }),
    get: (hash) =>
      guard("blobs", async () => {
        const entry = await (await valueStore()).get(hash);
        const bytes = entry?.value ?? (await (await objectStore()).getBlob(hash));
        if (bytes === null) return null;
        if (sha256(bytes) === hash) return Uint8Array.from(bytes);
        const message = `blob ${hash.slice(0, 12)} must have the content that its name says`;
        throw new BailiwickError("BLOB_CORRUPT", message, { hash });
      }),
    onLost: (handler) => {
      lostHandlers.push(handler);
    },
  };
}

/** Opens at the first call; a call that failed is made again. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}

const SPEC = { keepsAll: true, onReconnect: async (): Promise<void> => undefined };

async function openValues(
  nc: NatsConnection,
  keeper: StreamKeeper,
  onLost: () => Promise<void>,
): Promise<KV> {
  const buckets = new Kvm(jetstream(nc, { timeout: TIMEOUT_MS }));
  const settings = { history: 1, storage: StorageType.File, allow_direct: false };
  const make = (): Promise<KV> => buckets.create(VALUES, settings);
  await keeper.keep({ ...SPEC, name: `KV_${VALUES}`, make, onLost });
  return buckets.open(VALUES, { allow_direct: false });
}

async function openObjects(
  nc: NatsConnection,
  keeper: StreamKeeper,
  onLost: () => Promise<void>,
): Promise<ObjectStore> {
  const stores = new Objm(jetstream(nc, { timeout: TIMEOUT_MS }));
  const make = (): Promise<ObjectStore> => stores.create(OBJECTS, { storage: StorageType.File });
  await keeper.keep({ ...SPEC, name: `OBJ_${OBJECTS}`, make, onLost });
  return stores.open(OBJECTS, false);
}
