/** Messages of secure sums: keys of a fit, masked words of a round, and what opens their sum. */
import { z } from "zod";
import { invalidMessage, readMessage, writeMessage } from "../fabric/index.ts";
import {
  KEY_BYTES,
  type Masked,
  type Opened,
  type Roster,
  SEALED_BYTES,
  SHARE_BYTES,
} from "../masks/index.ts";
import { type AskedSum, askedShape } from "./messages.ts";
import { queryToJson } from "./query-schema.ts";

/** The last parts of a site's subjects. */
export const KEY = "key";
export const MASKED = "masked";
export const OPEN = "open";

const CHECK_BYTES = 32;
const KEYS = "a request for a key";
const REQUEST = "a query for a masked sum";
const OPENING = "a request to open a sum";
const ANSWER = "a site's masked sum";

const { fit, sites } = askedShape;
const round = z.string().regex(/^[0-9a-f]{16}$/, "must be 16 digits in hex");
const bytes = (...lengths: readonly number[]): z.ZodType<Uint8Array> =>
  z
    .string()
    .transform((text): Uint8Array => Uint8Array.from(Buffer.from(text, "base64")))
    .refine(({ length }) => lengths.includes(length), `must be ${lengths.at(-1)} bytes in base64`);
const keys = z.array(bytes(KEY_BYTES)).readonly();
/** Sealed, or a site's own, which has no bytes. */
const share = bytes(0, SEALED_BYTES);

const keySchema = z.object({ fit });

export function writeAskedKey(own: string): Uint8Array {
  return writeMessage({ fit: own });
}

/** The fit whose key is asked for. @throws MESSAGE_INVALID */
export function readAskedKey(body: Uint8Array): string {
  return readMessage(KEYS, keySchema, body).fit;
}

/** @throws MESSAGE_INVALID unless it is a key. */
export function readKey(body: Uint8Array): Uint8Array {
  if (body.length === KEY_BYTES) return body;
  throw invalidMessage("a site's key", `must be ${KEY_BYTES} bytes, got ${body.length}`);
}

/** A query of a round, and the sites' keys. */
export interface AskedMasked extends AskedSum {
  readonly keys: readonly Uint8Array[];
  readonly round: string;
}

const maskedSchema: z.ZodType<AskedMasked> = z.object({ ...askedShape, keys, round });

export function writeAskedMasked({ query, keys: own, ...asked }: AskedMasked): Uint8Array {
  return writeMessage({ ...asked, keys: own.map(base64Of), query: queryToJson(query) });
}

/** @throws MESSAGE_INVALID */
export function readAskedMasked(body: Uint8Array): AskedMasked {
  return readMessage(REQUEST, maskedSchema, body);
}

/** Words, the check, and the shares. */
export function bytesOfMasked({ words, check, shares }: Masked): Uint8Array {
  const own = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return Buffer.concat([own, check, ...shares]);
}

/** What an answer must be of. */
export interface MaskedShape {
  readonly nNumbers: number;
  readonly nSites: number;
  /** The place of the site that answers, among all. */
  readonly place: number;
}

/** @throws MESSAGE_INVALID unless it is of that many numbers and sites. */
export function readMasked(body: Uint8Array, { nNumbers, nSites, place }: MaskedShape): Masked {
  const end = 8 * nNumbers;
  const length = end + CHECK_BYTES + (nSites - 1) * SEALED_BYTES;
  if (body.length !== length) {
    throw invalidMessage(ANSWER, `must be ${length} bytes, got ${body.length}`);
  }
  const copy = Uint8Array.from(body);
  const others = piecesOf(copy.subarray(end + CHECK_BYTES), SEALED_BYTES);
  return {
    words: new Uint32Array(copy.buffer, 0, 2 * nNumbers),
    check: copy.subarray(end, end + CHECK_BYTES),
    shares: [...others.slice(0, place), new Uint8Array(0), ...others.slice(place)],
  };
}

/** What opens a round's sum, to one site. */
export interface AskedOpen {
  readonly fit: string;
  readonly sites: readonly string[];
  readonly keys: readonly Uint8Array[];
  readonly round: string;
  readonly answered: readonly string[];
  readonly shares: readonly Uint8Array[];
}

const openSchema: z.ZodType<AskedOpen> = z
  .object({ fit, sites, keys, round, answered: sites, shares: z.array(share) })
  .refine(({ answered, shares }) => shares.length === answered.length, "must have a share of each");

export function writeAskedOpen({ keys: own, shares, ...asked }: AskedOpen): Uint8Array {
  return writeMessage({ ...asked, keys: own.map(base64Of), shares: shares.map(base64Of) });
}

/** @throws MESSAGE_INVALID */
export function readAskedOpen(body: Uint8Array): AskedOpen {
  return readMessage(OPENING, openSchema, body);
}

/** Shares and seeds, of the length of a share. */
export function bytesOfOpened(opened: Opened): Uint8Array {
  const bytesOfAll = new Uint8Array(opened.length * SHARE_BYTES);
  opened.forEach((own, s) => {
    bytesOfAll.set(own.subarray(0, SHARE_BYTES), s * SHARE_BYTES);
  });
  return bytesOfAll;
}

/** @throws MESSAGE_INVALID unless it is of that many sites. */
export function readOpened(body: Uint8Array, nSites: number): Opened {
  if (body.length === nSites * SHARE_BYTES) return piecesOf(Uint8Array.from(body), SHARE_BYTES);
  const message = `must be ${nSites * SHARE_BYTES} bytes, got ${body.length}`;
  throw invalidMessage("what opens a sum", message);
}

export function rosterOf({
  fit: own,
  sites: names,
  keys: all,
}: Pick<AskedOpen, "fit" | "sites" | "keys">): Roster {
  return { fit: own, names, keys: all };
}

function piecesOf(all: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: all.length / size }, (_, p) =>
    all.subarray(p * size, (p + 1) * size),
  );
}

function base64Of(own: Uint8Array): string {
  return Buffer.from(own).toString("base64");
}
