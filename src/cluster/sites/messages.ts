/** What a coordinator asks a site over a fabric, and what the site answers. */
import { z } from "zod";
import type { ColumnReading } from "../../data/index.ts";
import { DATE_PARTS, isReading } from "../../data/index.ts";
import {
  headerNumber,
  invalidMessage,
  type Message,
  readHeaders,
  readMessage,
  writeMessage,
} from "../fabric/index.ts";
import type { DescribedColumn, Query, SiteDescription } from "../sums/index.ts";
import { querySchema, queryToJson } from "./query-schema.ts";

/** The last parts of a site's subjects. */
export const DESCRIBE = "describe";
export const SUM = "sum";

const MAX_SITES = 1000;
const MAX_COLUMNS = 10_000;
const MAX_LEVELS = 50;
const MAX_ROWS = 2 ** 40;
/** Larger sums are none of rows in standardised units. */
const MAX_SIZE = 1e300;

/** A query, for which fit it is, and whose answers are added. */
export interface AskedSum {
  /** A random name. */
  readonly fit: string;
  /** Sites by zone and name, ascending. */
  readonly sites: readonly string[];
  readonly query: Query;
}

const QUERY = "a query for a sum";
const ANSWER = "a site's sum";
const DESCRIPTION = "a site's description";

/** What every request for a sum says. */
export const askedShape: {
  readonly fit: z.ZodType<string>;
  readonly sites: z.ZodType<readonly string[]>;
  readonly query: z.ZodType<Query>;
} = {
  fit: z.string().regex(/^[0-9a-f]{16}$/, "must be 16 digits in hex"),
  sites: z
    .array(z.string().regex(/^[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64}$/, "must be zone.name"))
    .min(1)
    .max(MAX_SITES)
    .readonly(),
  query: querySchema,
};

const askedSchema: z.ZodType<AskedSum> = z.object(askedShape);

export function writeAsked({ query, ...asked }: AskedSum): Uint8Array {
  return writeMessage({ ...asked, query: queryToJson(query) });
}

/** @throws MESSAGE_INVALID unless it is a query that can be answered. */
export function readAsked(body: Uint8Array): AskedSum {
  return readMessage(QUERY, askedSchema, body);
}

const partSchema = z.object({ part: headerNumber });

/** The number of the part that is asked for; long answers come in several messages. */
export function readPart({ headers }: Message): number {
  return readHeaders(QUERY, partSchema, headers).part;
}

/** One part of an answer, of at most that many bytes. */
export function writePart(answer: Uint8Array, part: number, mostBytes: number): Message {
  const nParts = Math.max(1, Math.ceil(answer.length / mostBytes));
  const body = answer.subarray(part * mostBytes, (part + 1) * mostBytes);
  return { headers: { parts: String(nParts) }, body };
}

const partsSchema = z.object({ parts: headerNumber });

export function readParts({ headers }: Message): number {
  return readHeaders(ANSWER, partsSchema, headers).parts;
}

export function bytesOfSums({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @throws MESSAGE_INVALID unless these are as many finite numbers as the query asks for. */
export function readSums(bytes: Uint8Array, length: number): Float64Array {
  if (bytes.length !== 8 * length) {
    throw invalidMessage(ANSWER, `must be ${length} numbers, got ${bytes.length} bytes`);
  }
  const sums = new Float64Array(Uint8Array.from(bytes).buffer);
  const bad = sums.findIndex((value) => !(Math.abs(value) <= MAX_SIZE));
  if (bad >= 0) throw invalidMessage(ANSWER, `entry ${bad} must be a finite number`);
  return sums;
}

const columnSchema: z.ZodType<DescribedColumn> = z.object({
  name: z.string().max(10_000),
  type: z.enum(["number", "category"]),
  levels: z.array(z.string().max(10_000)).max(MAX_LEVELS).readonly(),
  from: z.object({ column: z.string(), part: z.enum(DATE_PARTS) }).optional(),
});

const descriptionSchema: z.ZodType<SiteDescription> = z.object({
  nRows: z.int().min(1).max(MAX_ROWS),
  leastRows: z.int().min(1).max(MAX_ROWS),
  target: z.string(),
  columns: z.array(columnSchema).min(1).max(MAX_COLUMNS).readonly(),
  readings: z
    .array(z.custom<ColumnReading>(isReading, "must say how a column is read"))
    .max(MAX_COLUMNS)
    .readonly(),
  missing: z.array(z.string()).max(MAX_COLUMNS).readonly().optional(),
});

export function writeDescription(said: SiteDescription): Uint8Array {
  return writeMessage(said);
}

/** @throws MESSAGE_INVALID unless it describes columns. */
export function readDescription(body: Uint8Array): SiteDescription {
  return readMessage(DESCRIPTION, descriptionSchema, body);
}
