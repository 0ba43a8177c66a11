/**
 * An HPKE session in both directions.
 *
 * Messages to the node are those of RFC 9180's single direction. Answers are sealed by a key and a
 * base nonce that both sides export from the session (RFC 9180, 9.8), with the number of the
 * message that they answer: a node answers each message once, so no nonce comes twice.
 */
import { AES_KEY_BYTES, aesContext, NONCE_BYTES, suite } from "./suite.ts";

/** A key, and nonces by number. */
export interface AnswerSeal {
  seal(number: number, data: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  /** @throws if it is not what was sealed. */
  open(number: number, data: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
}

export interface SenderSession {
  /** The session's name, base64. */
  readonly enc: string;
  /** Messages are numbered in the order of the calls. */
  seal(data: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  readonly answers: AnswerSeal;
}

export interface RecipientSession {
  /** Opens messages in the order in which they were sealed. @throws for any other. */
  open(data: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  readonly answers: AnswerSeal;
}

/**
 * @param recipient - An X25519 public key.
 * @param info - What both sides must know to be in the same session.
 */
export async function openSender(recipient: Uint8Array, info: Uint8Array): Promise<SenderSession> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(recipient);
  const context = await suite.createSenderContext({ recipientPublicKey, info });
  return {
    enc: Buffer.from(context.enc).toString("base64"),
    seal: async (data, aad) => new Uint8Array(await context.seal(data, aad)),
    answers: await answersOf(context),
  };
}

/** @param secret - An X25519 private key. */
export async function openRecipient(
  secret: Uint8Array,
  enc: string,
  info: Uint8Array,
): Promise<RecipientSession> {
  const recipientKey = await suite.kem.deserializePrivateKey(secret);
  const given = { recipientKey, enc: Buffer.from(enc, "base64"), info };
  const context = await suite.createRecipientContext(given);
  return {
    open: async (data, aad) => new Uint8Array(await context.open(data, aad)),
    answers: await answersOf(context),
  };
}

interface Exporter {
  export(context: Uint8Array, length: number): Promise<ArrayBuffer>;
}

const ANSWER_KEY = new TextEncoder().encode("bailiwick answer key");
const ANSWER_NONCE = new TextEncoder().encode("bailiwick answer nonce");

async function answersOf(context: Exporter): Promise<AnswerSeal> {
  const aes = aesContext(new Uint8Array(await context.export(ANSWER_KEY, AES_KEY_BYTES)));
  const base = new Uint8Array(await context.export(ANSWER_NONCE, NONCE_BYTES));
  return {
    seal: async (number, data, aad) =>
      new Uint8Array(await aes.seal(nonceOf(base, number), data, aad)),
    open: async (number, data, aad) =>
      new Uint8Array(await aes.open(nonceOf(base, number), data, aad)),
  };
}

/** The base nonce xor the number, as RFC 9180, 5.2 has it. */
function nonceOf(base: Uint8Array, number: number): Uint8Array {
  const nonce = Uint8Array.from(base);
  const view = new DataView(nonce.buffer);
  view.setUint32(NONCE_BYTES - 4, view.getUint32(NONCE_BYTES - 4) ^ number);
  const high = Math.floor(number / 2 ** 32);
  view.setUint32(NONCE_BYTES - 8, view.getUint32(NONCE_BYTES - 8) ^ high);
  return nonce;
}
