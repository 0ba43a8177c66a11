/**
 * Parts of blobs on a NATS server, by their subjects.
 *
 * The server removes a message that another replaces, and leaves its bytes on the disk. So no part
 * ever replaces another, and one that is erased is overwritten.
 */
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type StoredMsg,
} from "@nats-io/jetstream";
import type { MsgHdrs } from "@nats-io/transport-node";
import { BailiwickError } from "../../shared/errors.ts";

export const STREAM = "bailiwick_blobs";
/** Headers of part 0: the number of parts, and the SHA-256 of the whole. */
export const PARTS = "Bailiwick-Parts";
export const HASH = "Bailiwick-Sha256";
/** The server's numbers for "no message found" and "another message is there". */
const [NO_MESSAGE, WRONG_SEQUENCE] = [10037, 10071];
/** As often as another process may put the same blob otherwise cut meanwhile. */
const PUT_ATTEMPTS = 5;

export interface Part {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly headers: MsgHdrs;
}

export interface Parts {
  read(subject: string): Promise<StoredMsg | null>;
  /** Another part of this subject is erased first. */
  put(part: Part): Promise<void>;
  erase(subject: string): Promise<void>;
}

export function natsParts(
  client: JetStreamClient,
  manager: () => Promise<JetStreamManager>,
): Parts {
  const read = async (subject: string): Promise<StoredMsg | null> =>
    (await manager()).direct.getMessage(STREAM, { last_by_subj: subject });
  const erase = async (subject: string): Promise<void> => {
    const message = await read(subject);
    if (message === null) return;
    const { streams } = await manager();
    await streams.deleteMessage(STREAM, message.seq, true).catch((error: unknown) => {
      if (!isNumbered(error, NO_MESSAGE)) throw error;
    });
  };
  const put = async ({ subject, bytes, headers }: Part): Promise<void> => {
    for (let attempt = 0; attempt < PUT_ATTEMPTS; attempt++) {
      try {
        await client.publish(subject, bytes, { headers, expect: { lastSubjectSequence: 0 } });
        return;
      } catch (error) {
        if (!isNumbered(error, WRONG_SEQUENCE)) throw error;
      }
      const there = await read(subject);
      if (there !== null && isSame(there, bytes, headers)) return;
      await erase(subject);
    }
    const message = "a blob must be put, other processes put it otherwise each time";
    throw new BailiwickError("FABRIC_UNAVAILABLE", message);
  };
  return { read, put, erase };
}

function isSame(there: StoredMsg, bytes: Uint8Array, headers: MsgHdrs): boolean {
  const isSameHead = [PARTS, HASH].every((key) => there.header.get(key) === headers.get(key));
  return isSameHead && Buffer.compare(there.data, bytes) === 0;
}

function isNumbered(error: unknown, number: number): boolean {
  return error instanceof JetStreamApiError && error.code === number;
}
