/**
 * Blobs on a NATS server: messages of one stream, bailiwick.blobs.<zone>.<name>.<part>.
 *
 * Parts are read by their subject, so that a server's permissions can bar one zone from another's
 * blobs, and no reader needs a consumer, which could deliver into others' subjects. Part 0 comes
 * last, with the number of parts and the SHA-256 of the whole.
 *
 * What is erased is overwritten, also parts without their part 0, as a kill leaves them.
 */
import { jetstream, jetstreamManager, StorageType, type StoredMsg } from "@nats-io/jetstream";
import { headers as createHeaders } from "@nats-io/transport-node";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { BlobPlace, Blobs, ListedBlob } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import { HASH, natsParts, PARTS, STREAM } from "./nats-parts.ts";
import type { Store } from "./nats-streams.ts";

/** A message larger than this holds up the server's other clients. */
const MAX_PART_BYTES = 256 << 10;
const MAX_PARTS = 1 << 16;
const TIMEOUT_MS = 5000;
/** A question of a few bytes; one that the server took with it must not hold up the placer. */
const ASK_TIMEOUT_MS = 1500;
const SUBJECTS = "bailiwick.blobs";

const partsSchema = z.coerce.number().int().min(1).max(MAX_PARTS);

export function natsBlobs({ nc, keeper, nCopies }: Store, maxBodyBytes: number): Blobs {
  const partBytes = Math.min(MAX_PART_BYTES, maxBodyBytes);
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  const manager = once(() => jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false }));
  const asker = once(() => jetstreamManager(nc, { timeout: ASK_TIMEOUT_MS, checkAPI: false }));
  const lostHandlers: (() => Promise<void>)[] = [];
  const kept = once(() =>
    keeper.keep({
      name: STREAM,
      keepsAll: true,
      make: async () => (await manager()).streams.add({ ...CONFIG, num_replicas: nCopies }),
      onLost: async () => {
        await Promise.all(lostHandlers.map((handler) => handler()));
      },
      onReconnect: async () => undefined,
    }),
  );
  const parts = natsParts(client, manager);
  const subjectsOf = async (filter: string): Promise<readonly string[]> => {
    const { state } = await (await asker()).streams.info(STREAM, { subjects_filter: filter });
    return Object.keys(state.subjects ?? {});
  };
  return {
    put: (name, zone, bytes) =>
      guard("blobs", async () => {
        await kept();
        const subject = subjectOf({ name, zone });
        if ((await parts.read(`${subject}.0`)) !== null) return;
        const nParts = Math.max(1, Math.ceil(bytes.length / partBytes));
        const whole = createHeaders();
        whole.set(PARTS, String(nParts));
        whole.set(HASH, sha256(bytes));
        for (let i = nParts - 1; i >= 0; i--) {
          const part = bytes.subarray(i * partBytes, (i + 1) * partBytes);
          const headers = i === 0 ? whole : createHeaders();
          await parts.put({ subject: `${subject}.${i}`, bytes: part, headers });
        }
      }),
    get: (name, zone) => guard("blobs", () => readWhole({ name, zone }, parts.read)),
    list: () =>
      guard("blobs", async () => {
        await kept();
        return placesOf(await subjectsOf(`${SUBJECTS}.>`));
      }),
    erase: (name, zone) =>
      guard("blobs", async () => {
        await kept();
        const subject = subjectOf({ name, zone });
        await parts.erase(`${subject}.0`);
        for (const part of await subjectsOf(`${subject}.>`)) await parts.erase(part);
      }),
    onLost: (handler) => {
      lostHandlers.push(handler);
    },
  };
}

const CONFIG = {
  name: STREAM,
  subjects: [`${SUBJECTS}.>`],
  max_msgs_per_subject: 1,
  allow_direct: true,
  storage: StorageType.File,
};

function subjectOf({ name, zone }: BlobPlace): string {
  return `${SUBJECTS}.${zone}.${name}`;
}

/** Of every blob of which a part is there. */
function placesOf(subjects: readonly string[]): readonly ListedBlob[] {
  const places = new Map<string, ListedBlob>();
  for (const subject of subjects) {
    const [zone = "", name = "", part] = subject.slice(SUBJECTS.length + 1).split(".");
    const id = `${zone}.${name}`;
    places.set(id, { zone, name, isWhole: part === "0" || places.get(id)?.isWhole === true });
  }
  return [...places.values()];
}

/** null unless all parts are there: a blob that is being put or erased is not. */
async function readWhole(
  place: BlobPlace,
  read: (subject: string) => Promise<StoredMsg | null>,
): Promise<Uint8Array | null> {
  const subject = subjectOf(place);
  const first = await read(`${subject}.0`);
  if (first === null) return null;
  const nParts = partsSchema.safeParse(first.header.get(PARTS));
  if (!nParts.success) throw corrupt(place);
  const parts = [first.data];
  for (let i = 1; i < nParts.data; i++) {
    const part = await read(`${subject}.${i}`);
    if (part === null) return null;
    parts.push(part.data);
  }
  const bytes = Uint8Array.from(Buffer.concat(parts));
  if (sha256(bytes) !== first.header.get(HASH)) throw corrupt(place);
  return bytes;
}

function corrupt({ name }: BlobPlace): BailiwickError {
  const message = `blob ${name.slice(0, 12)} must have the SHA-256 that was stored with it`;
  return new BailiwickError("BLOB_CORRUPT", message, { name });
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
