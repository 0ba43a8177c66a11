/**
 * Asks a witness to sign a checkpoint, and says what came of it.
 *
 * A witness is a stranger: its answer is read up to a limit, its size must be one that can be, and
 * its signature is checked. Source: c2sp.org/tlog-witness.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { sizeOf } from "./base64.ts";
import { type Cosignature, cosignaturesOf } from "./cosigned.ts";
import type { Witness } from "./policy.ts";
import { parseSignatures } from "./signed-note.ts";

/** What a witness said. */
export type WitnessAnswer =
  | { readonly kind: "signed"; readonly cosignature: Cosignature }
  /** It has signed a tree of another size last. */
  | { readonly kind: "elsewhere"; readonly size: number }
  /** It has seen another history. */
  | { readonly kind: "contradicts"; readonly why: string }
  /** It does not answer, does not know the log, or its answer makes no sense. */
  | { readonly kind: "failed"; readonly why: string };

export interface Asking {
  /** The checkpoint's text, without signatures. */
  readonly text: string;
  /** The whole note that is sent. */
  readonly note: string;
  readonly size: number;
  /** The size up to which the witness should have seen the log, and the proof from there. */
  readonly before: number;
  readonly proof: readonly Uint8Array[];
}

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 1 << 16;
const REASONS: Readonly<Record<number, string>> = {
  403: "it does not know the log's key",
  404: "it does not know the log",
};

/** Never throws. */
export async function askWitness(witness: Witness, asking: Asking): Promise<WitnessAnswer> {
  const { url } = witness;
  if (url === null) return { kind: "failed", why: "the policy has no address of it" };
  const proof = asking.proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`);
  try {
    const answer = await fetch(`${url.endsWith("/") ? url : `${url}/`}add-checkpoint`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: `old ${asking.before}\n${proof.join("")}\n${asking.note}`,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return readAnswer(witness, asking, answer.status, await readBody(answer));
  } catch (error) {
    return { kind: "failed", why: reasonOf(error) };
  }
}

/** What a request failed by: the cause, where `fetch` only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

/** @throws if it is longer than an answer may be. */
async function readBody(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let nBytes = 0;
  for await (const chunk of answer.body ?? []) {
    nBytes += chunk.length;
    if (nBytes > MAX_ANSWER_BYTES) throw new Error(`it answered over ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readAnswer(
  witness: Witness,
  { text, size, before }: Asking,
  status: number,
  body: string,
): WitnessAnswer {
  if (status === 200) {
    const [cosignature] = cosignaturesOf({ text, signatures: parseSignatures(body) }, [witness]);
    if (cosignature !== undefined) return { kind: "signed", cosignature };
    throw new BailiwickError("NOTE_INVALID", "it answered without a signature of its key");
  }
  const another = `it has seen another history of the log's first ${before} lines`;
  if (status === 422) return { kind: "contradicts", why: another };
  if (status !== 409) return { kind: "failed", why: REASONS[status] ?? `it answered ${status}` };
  const known = sizeOf(body.replace(/\n$/, ""));
  if (known === null) return { kind: "failed", why: "it answered 409 without a size" };
  if (known !== before) return { kind: "elsewhere", size: known };
  // Sizes agree, so roots do not.
  return before === size
    ? { kind: "contradicts", why: another }
    : { kind: "failed", why: "it answered 409 with the size that it was asked for" };
}
