/** Blobs on a NATS server: what fits a message as a value, what does not as an object. */
import { JetStreamApiError, jetstream, StorageType } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { type ObjectStore, Objm, setSha256Backend } from "@nats-io/obj";
import type { NatsConnection } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Blobs } from "./fabric.ts";
import { guard } from "./nats-bucket.ts";

/** A value larger than this holds up the server's other clients. */
const MAX_VALUE_BYTES = 4_000_000;
const TIMEOUT_MS = 5000;
const VALUES = "bailiwick_blobs";
const OBJECTS = "bailiwick_objects";

export function natsBlobs(nc: NatsConnection, maxBodyBytes: number): Blobs {
  setSha256Backend("native");
  const most = Math.min(MAX_VALUE_BYTES, maxBodyBytes);
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  let values: Promise<KV> | null = null;
  let objects: Promise<ObjectStore> | null = null;
  const valueStore = (): Promise<KV> => (values ??= openValues(new Kvm(client)));
  const objectStore = (): Promise<ObjectStore> => (objects ??= openObjects(new Objm(client)));
  return {
    put: (bytes) =>
      guard("blobs", async () => {
        const hash = sha256(bytes);
        if (bytes.length <= most) {
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
  };
}

async function openValues(manager: Kvm): Promise<KV> {
  const kv = await manager.open(VALUES, { allow_direct: false });
  try {
    await kv.status();
    return kv;
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
  }
  return manager.create(VALUES, { history: 1, storage: StorageType.File, allow_direct: false });
}

async function openObjects(manager: Objm): Promise<ObjectStore> {
  const store = await manager.open(OBJECTS, false);
  // Where there is none it is made; by others meanwhile, it is theirs.
  const isThere = await store.status().then(
    () => true,
    () => false,
  );
  return isThere ? store : manager.create(OBJECTS, { storage: StorageType.File });
}
