/**
 * A router's side: one session for each node, in which rows are sealed one message after the other.
 *
 * A session ends with the node's epoch, or when the node refuses a message; what is sent again is
 * sealed again, in a new session.
 */
import { today } from "../../shared/clock.ts";
import { BailiwickError } from "../../shared/errors.ts";
import type { Message } from "../fabric/index.ts";
import type { VerifierKey } from "../witness/index.ts";
import { checkNodeKey, type NodeKey } from "./node-key.ts";
import { infoOf, type SealOffer } from "./opener.ts";
import { aadOf, pad, sealInvalid, unpad, withPlace } from "./sealed-message.ts";
import { openSender, type SenderSession } from "./session.ts";

export interface SealedRequest {
  /** The node's zone and name. */
  readonly node: string;
  /** As the node announces it. */
  readonly offer: SealOffer;
  readonly message: Message;
  /** Of which the body's length is made a multiple. */
  readonly unitBytes: number;
}

export interface Sealer {
  /** Whether rows can be sealed to the node: its zone signed its key. Said once where not. */
  canReach(node: string, offer: SealOffer | null): boolean;
  /**
   * Sends a sealed message and opens its answer.
   *
   * @throws NOTE_INVALID if the node's key is not to be trusted; SEAL_INVALID if the answer is not
   *   the node's, or the node refuses the message in two sessions; as `send`.
   */
  request(asked: SealedRequest, send: (message: Message) => Promise<Message>): Promise<Message>;
}

interface Session {
  readonly epoch: string;
  readonly note: string;
  readonly opening: Promise<SenderSession>;
  nextNumber: number;
}

/**
 * @param zones - Keys of the zones whose nodes are trusted.
 * @param tell - Gets the problem of a key that is not.
 */
export function createSealer(
  zones: readonly VerifierKey[],
  tell: (error: unknown) => void,
): Sealer {
  const checked = new Map<string, { readonly note: string; readonly key: NodeKey | null }>();
  const sessions = new Map<string, Session>();
  const keyOf = (node: string, { note }: SealOffer): NodeKey | null => {
    const known = checked.get(node);
    const now = today();
    if (known?.note === note && (known.key === null || known.key.expires > now)) return known.key;
    let key: NodeKey | null = null;
    try {
      key = checkNodeKey(note, node, { zones, now });
    } catch (error) {
      tell(error);
    }
    checked.set(node, { note, key });
    return key;
  };
  const sessionFor = (node: string, offer: SealOffer): Session => {
    const known = sessions.get(node);
    if (known?.epoch === offer.epoch && known.note === offer.note) return known;
    const key = keyOf(node, offer);
    if (key === null)
      throw new BailiwickError("NOTE_INVALID", `the key of ${node} must be trusted`);
    const opening = openSender(key.bytes, infoOf(offer));
    const session: Session = { ...offer, opening, nextNumber: 0 };
    sessions.set(node, session);
    return session;
  };
  return {
    canReach: (node, offer) => offer !== null && keyOf(node, offer) !== null,
    request: async ({ node, offer, message, unitBytes }, send) => {
      for (let isAgain = false; ; isAgain = true) {
        const session = sessionFor(node, offer);
        try {
          return await exchange(session, { message, unitBytes }, send);
        } catch (error) {
          if (sessions.get(node) === session && isSealInvalid(error)) sessions.delete(node);
          if (isAgain || !isSealInvalid(error)) throw error;
        }
      }
    },
  };
}

async function exchange(
  session: Session,
  { message, unitBytes }: Pick<SealedRequest, "message" | "unitBytes">,
  send: (message: Message) => Promise<Message>,
): Promise<Message> {
  const { enc, seal, answers } = await session.opening;
  // Between the number and the seal nothing may wait: they count the same messages.
  const number = session.nextNumber++;
  const headers = withPlace(message.headers, { epoch: session.epoch, enc, number });
  const body = await seal(pad(message.body, unitBytes), aadOf("ask", headers));
  const answer = await send({ headers, body });
  try {
    const opened = await answers.open(number, answer.body, aadOf("answer", answer.headers));
    return { headers: answer.headers, body: unpad(opened) };
  } catch {
    throw sealInvalid("must have the answer of the node that it was sealed for");
  }
}

function isSealInvalid(error: unknown): boolean {
  return error instanceof BailiwickError && error.code === "SEAL_INVALID";
}
