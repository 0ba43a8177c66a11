/**
 * A node's side: opens what routers seal, each message once and in its order.
 *
 * Sessions belong to an epoch, a random text that the node renews every hour and announces. It
 * opens messages of this epoch and the one before; all sessions of an epoch are remembered as long,
 * so that none can be begun again with messages of then.
 */
import { randomBytes } from "node:crypto";
import { nowMs } from "../../shared/clock.ts";
import type { Message } from "../fabric/index.ts";
import type { NodeSecret } from "./node-key.ts";
import { aadOf, pad, placeOf, type SealPlace, sealInvalid, unpad } from "./sealed-message.ts";
import { openRecipient, type RecipientSession } from "./session.ts";

/** What a node announces. */
export interface SealOffer {
  /** Of its key, a signed note. */
  readonly note: string;
  readonly epoch: string;
}

export interface OpenedMessage {
  readonly message: Message;
  /** @param unitBytes - Of which its length is made a multiple. */
  sealAnswer(answer: Message, unitBytes: number): Promise<Message>;
}

export interface Opener {
  offer(): SealOffer;
  /**
   * @throws MESSAGE_INVALID unless its headers are those of a sealed message; SEAL_INVALID if its
   *   session is unknown or over, or it is not the session's next message as it was sealed.
   */
  open(message: Message): Promise<OpenedMessage>;
}

const EPOCH_MS = 3_600_000;
/** A new epoch begins early where an epoch has more. */
const MAX_SESSIONS = 10_000;

interface Session {
  readonly opening: Promise<RecipientSession>;
  nextNumber: number;
  isOver: boolean;
}

interface Epoch {
  readonly name: string;
  readonly sinceMs: number;
  readonly sessions: Map<string, Session>;
}

export function createOpener(own: NodeSecret, epochMs: number = EPOCH_MS): Opener {
  const secret = Buffer.from(own.secret, "base64");
  let epochs: readonly Epoch[] = [newEpoch()];
  const current = (): Epoch => {
    const [first] = epochs;
    if (nowMs() - first!.sinceMs < epochMs && first!.sessions.size < MAX_SESSIONS) return first!;
    epochs = [newEpoch(), first!];
    return epochs[0]!;
  };
  const sessionOf = ({ epoch, enc, number }: SealPlace): Session => {
    current();
    const sessions = epochs.find(({ name }) => name === epoch)?.sessions;
    if (sessions === undefined) throw sealInvalid("must be of this epoch or the one before");
    const known = sessions.get(enc);
    if (known !== undefined) return known;
    if (number !== 0) throw sealInvalid("must be of a session that was begun");
    if (sessions.size >= MAX_SESSIONS) throw sealInvalid("must be of an epoch with room");
    const opening = openRecipient(secret, enc, infoOf({ note: own.note, epoch }));
    const session: Session = { opening, nextNumber: 0, isOver: false };
    sessions.set(enc, session);
    return session;
  };
  return {
    offer: () => ({ note: own.note, epoch: current().name }),
    open: async (message) => {
      const place = placeOf(message.headers);
      const session = sessionOf(place);
      const text = await openNext(session, place.number, message);
      const { answers } = await session.opening;
      return {
        message: { headers: message.headers, body: unpad(text) },
        sealAnswer: async ({ headers, body }, unitBytes) => ({
          headers,
          body: await answers.seal(place.number, pad(body, unitBytes), aadOf("answer", headers)),
        }),
      };
    },
  };
}

/** What both sides must agree on, beside the key. */
export function infoOf({ note, epoch }: SealOffer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(["bailiwick seal 1", note, epoch]));
}

/** After a message that does not open, the session's order is lost: it is over. */
async function openNext(
  session: Session,
  number: number,
  { headers, body }: Message,
): Promise<Uint8Array> {
  if (session.isOver) throw sealInvalid("must be of a session that is not over");
  if (number !== session.nextNumber) {
    if (number > session.nextNumber) session.isOver = true;
    throw sealInvalid(`must be the next of its session, ${session.nextNumber}, got ${number}`);
  }
  session.nextNumber += 1;
  try {
    return await (await session.opening).open(body, aadOf("ask", headers));
  } catch {
    session.isOver = true;
    throw sealInvalid("must open as it was sealed");
  }
}

function newEpoch(): Epoch {
  return { name: randomBytes(16).toString("hex"), sinceMs: nowMs(), sessions: new Map() };
}
