/**
 * Blobs on a NATS server: messages of one stream, bailiwick.blobs.<zone>.<name>.<part>.
 *
 * Parts are read by their subject, so that a server's permissions can bar one zone from another's
 * blobs, and no reader needs a consumer, which could deliver into others' subjects. Part 0 comes
 * last, with the number of parts and the SHA-256 of the whole.
 */
import {
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  StorageType,
  type StoredMsg,
} from "@nats-io/jetstream";
import { headers as createHeaders, type NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { BlobPlace, Blobs } from "./fabric.ts";
import { guard } from "./nats-guard.ts";
import type { StreamKeeper } from "./nats-streams.ts";

/** A message larger than this holds up the server's other clients. */
const MAX_PART_BYTES = 256 << 10;
const MAX_PARTS = 1 << 16;
const TIMEOUT_MS = 5000;
/** A question of a few bytes; one that the server took with it must not hold up the placer. */
const ASK_TIMEOUT_MS = 1500;
const STREAM = "bailiwick_blobs";
const SUBJECTS = "bailiwick.blobs";
const PARTS = "Bailiwick-Parts";
const HASH = "Bailiwick-Sha256";
/** The server's number for "no message found". */
const NO_MESSAGE = 10037;

const partsSchema = z.coerce.number().int().min(1).max(MAX_PARTS);

export function natsBlobs(nc: NatsConnection, maxBodyBytes: number, keeper: StreamKeeper): Blobs {
  const partBytes = Math.min(MAX_PART_BYTES, maxBodyBytes);
  const client = jetstream(nc, { timeout: TIMEOUT_MS });
  const manager = once(() => jetstreamManager(nc, { timeout: TIMEOUT_MS, checkAPI: false }));
  const asker = once(() => jetstreamManager(nc, { timeout: ASK_TIMEOUT_MS, checkAPI: false }));
  const lostHandlers: (() => Promise<void>)[] = [];
  const kept = once(() =>
    keeper.keep({
      name: STREAM,
      keepsAll: true,
      make: async () => (await manager()).streams.add(CONFIG),
      onLost: async () => {
        await Promise.all(lostHandlers.map((handler) => handler()));
      },
      onReconnect: async () => undefined,
    }),
  );
  const read = async (subject: string): Promise<StoredMsg | null> =>
    (await manager()).direct.getMessage(STREAM, { last_by_subj: subject });
  const erasePart = async (subject: string): Promise<void> => {
    const message = await read(subject);
    if (message === null) return;
    const { streams } = await manager();
    await streams.deleteMessage(STREAM, message.seq, true).catch((error: unknown) => {
      if (!(error instanceof JetStreamApiError) || error.code !== NO_MESSAGE) throw error;
    });
  };
  const subjectsOf = async (filter: string): Promise<readonly string[]> => {
    const { state } = await (await asker()).streams.info(STREAM, { subjects_filter: filter });
    return Object.keys(state.subjects ?? {});
  };
  return {
    put: (name, zone, bytes) =>
      guard("blobs", async () => {
        await kept();
        const subject = subjectOf({ name, zone });
        if ((await read(`${subject}.0`)) !== null) return;
        const nParts = Math.max(1, Math.ceil(bytes.length / partBytes));
        const whole = createHeaders();
        whole.set(PARTS, String(nParts));
        whole.set(HASH, sha256(bytes));
        for (let i = nParts - 1; i >= 0; i--) {
          const part = bytes.subarray(i * partBytes, (i + 1) * partBytes);
          await client.publish(`${subject}.${i}`, part, i === 0 ? { headers: whole } : {});
        }
      }),
    get: (name, zone) => guard("blobs", () => readWhole({ name, zone }, read)),
    list: () =>
      guard("blobs", async () => {
        await kept();
        const subjects = await subjectsOf(`${SUBJECTS}.>`);
        return subjects.filter((subject) => subject.endsWith(".0")).map(placeOf);
      }),
    erase: (name, zone) =>
      guard("blobs", async () => {
        await kept();
        const subject = subjectOf({ name, zone });
        await erasePart(`${subject}.0`);
        for (const part of await subjectsOf(`${subject}.>`)) await erasePart(part);
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

function placeOf(subject: string): BlobPlace {
  const [zone = "", name = ""] = subject.slice(SUBJECTS.length + 1).split(".");
  return { zone, name };
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
