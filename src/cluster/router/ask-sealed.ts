/**
 * Asks that go sealed to one node: those of one turn are one message, sealed once, and so are their
 * answers. The server between sees which node is asked, not for which experts.
 */
import {
  checkedAnswer,
  invalidMessage,
  type Message,
  readBatch,
  writeBatch,
} from "../fabric/index.ts";
import { sealedUnitBytes } from "../nodes/index.ts";
import type { Sealer, SealOffer } from "../seal/index.ts";

export interface SealedAsk {
  /** Zone and name. */
  readonly node: string;
  readonly offer: SealOffer;
  readonly message: Message;
  readonly nColumns: number;
  readonly timeoutMs: number;
}

/** Sends a message to a node, and returns its answer. */
export type SendTo = (node: string, message: Message, timeoutMs: number) => Promise<Message>;

interface Waiting {
  readonly asked: SealedAsk;
  resolve(answer: Message): void;
  reject(error: unknown): void;
}

interface Batch {
  readonly offer: SealOffer;
  readonly waiting: Waiting[];
  nBytes: number;
}

/** A server refuses messages of more than a megabyte, and of long ones few bytes are saved. */
const MAX_BATCH_BYTES = 65_536;

/** @returns The answer to one ask. It throws as `Sealer.request`, or what the node answered. */
export function createSealedAsker(
  sealer: Sealer,
  send: SendTo,
): (asked: SealedAsk) => Promise<Message> {
  const open = new Map<string, Batch>();
  const batchFor = ({ node, offer, message }: SealedAsk): Batch => {
    const known = open.get(node);
    const hasRoom = known !== undefined && known.nBytes + message.body.length <= MAX_BATCH_BYTES;
    if (hasRoom && known.offer === offer) return known;
    const batch: Batch = { offer, waiting: [], nBytes: 0 };
    open.set(node, batch);
    queueMicrotask(() => {
      if (open.get(node) === batch) open.delete(node);
      void exchange(sealer, batch.waiting, send);
    });
    return batch;
  };
  return (asked) =>
    new Promise((resolve, reject) => {
      const batch = batchFor(asked);
      batch.waiting.push({ asked, resolve, reject });
      batch.nBytes += asked.message.body.length;
    });
}

/** Settles all that wait. */
async function exchange(sealer: Sealer, waiting: readonly Waiting[], send: SendTo): Promise<void> {
  const { node, offer, message, nColumns } = waiting[0]!.asked;
  const timeoutMs = Math.max(...waiting.map(({ asked }) => asked.timeoutMs));
  const body = writeBatch(waiting.map(({ asked }) => asked.message));
  const { protocol = "" } = message.headers;
  try {
    const answer = await sealer.request(
      {
        node,
        offer,
        message: { headers: { protocol }, body },
        unitBytes: sealedUnitBytes(nColumns),
      },
      (sealed) => send(node, sealed, timeoutMs),
    );
    const answers = readBatch(answer.body);
    for (const [place, own] of waiting.entries()) settle(own, answers[place]);
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}

function settle({ resolve, reject }: Waiting, answer: Message | undefined): void {
  try {
    if (answer === undefined) throw invalidMessage("a sealed answer", "it must answer each ask");
    resolve(checkedAnswer(answer));
  } catch (error) {
    reject(error);
  }
}
