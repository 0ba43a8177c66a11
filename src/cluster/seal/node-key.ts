/**
 * A node's key for sealed rows, signed by its zone.
 *
 * The public part is a signed note: four lines (what it is, the node, its X25519 key in base64, the
 * end of its time), then the signature by the Ed25519 key of the zone, whose name is the zone's.
 * Routers know the zones' keys beforehand, so a broker cannot put a key of its own in between.
 */
import { generateKeyPairSync } from "node:crypto";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { nodeKeySchema, zoneOfKey } from "../fabric/index.ts";
import {
  bytesOf,
  formatNote,
  parseNote,
  type SignerKey,
  signaturesOf,
  signText,
  type VerifierKey,
} from "../witness/index.ts";

/** A note's first line; no log has this name, which has spaces. */
const WHAT = "bailiwick node key";
const KEY_BYTES = 32;
const DAY_MS = 86_400_000;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What a node keeps in its file. */
export interface NodeSecret {
  /** X25519, base64. */
  readonly secret: string;
  readonly note: string;
}

export interface NodeKey {
  /** Zone and name. */
  readonly node: string;
  /** X25519. */
  readonly bytes: Uint8Array;
  /** ISO 8601. */
  readonly expires: string;
}

/** A new key, signed. */
export function createNodeKey(
  zone: SignerKey,
  { node, days, now }: { readonly node: string; readonly days: number; readonly now: string },
): NodeSecret {
  const { name } = zone.verifier;
  if (!nodeKeySchema.safeParse(node).success || zoneOfKey(node) !== name) {
    const message = `a key of zone ${name} signs nodes of this zone, as ${name}.a, got "${node}"`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const { d: secret, x: own } = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" });
  const expires = new Date(Date.parse(now) + DAY_MS * days).toISOString();
  const text = `${[WHAT, node, inBase64(own!), expires].join("\n")}\n`;
  return { secret: inBase64(secret!), note: formatNote(text, [signText(zone, text)]) };
}

/**
 * What a note says of a node's key.
 *
 * @param zones - Keys of the zones that are trusted.
 * @throws NOTE_INVALID unless the zone of this node has signed it, and its time is not over.
 */
export function checkNodeKey(
  note: string,
  node: string,
  { zones, now }: { readonly zones: readonly VerifierKey[]; readonly now: string },
): NodeKey {
  const parsed = parseNote(note);
  const key = parseText(parsed.text);
  if (key.node !== node) throw invalid(`must be of ${node}, it is of ${key.node.slice(0, 129)}`);
  const own = zones.filter(({ name }) => name === zoneOfKey(node));
  if (signaturesOf(parsed, own).length === 0) {
    throw invalid(`of ${node} must be signed by a key of zone ${zoneOfKey(node)} that is known`);
  }
  if (key.expires <= now)
    throw invalid(`of ${node} must be valid now, its time ended ${key.expires}`);
  return key;
}

function parseText(text: string): NodeKey {
  const [what, node, base64 = "", expires = "", ...rest] = text.split("\n");
  const bytes = bytesOf(base64, KEY_BYTES);
  if (what !== WHAT || rest.length !== 1 || rest[0] !== "" || bytes === null) {
    throw invalid(`must have the lines of a "${WHAT}"`);
  }
  if (!TIME.test(expires)) throw invalid("must have the end of its time in ISO 8601");
  return { node: node!, bytes, expires };
}

const secretSchema: z.ZodType<NodeSecret> = z.strictObject({
  secret: z.string().refine((text) => bytesOf(text, KEY_BYTES) !== null, "must be an X25519 key"),
  note: z.string(),
});

export function formatNodeSecret(secret: NodeSecret): string {
  return `${JSON.stringify(secret, null, 2)}\n`;
}

/**
 * @throws NOTE_INVALID, which does not repeat the text, unless it is the file of this node's key.
 *   The node does not know its zone's key: routers check the signature.
 */
export function parseNodeSecret(text: string, node: string): NodeSecret {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("must be in a file that node-key has written");
  }
  const { success, data } = secretSchema.safeParse(value);
  if (!success) throw invalid("must be in a file that node-key has written");
  const key = parseText(parseNote(data.note).text);
  if (key.node === node) return data;
  throw invalid(`must be of ${node}, it is of ${key.node.slice(0, 129)}`);
}

function inBase64(base64url: string): string {
  return Buffer.from(base64url, "base64url").toString("base64");
}

function invalid(problem: string): BailiwickError {
  return new BailiwickError("NOTE_INVALID", `a node's key ${problem}`);
}
