/**
 * The journal of a row store: what is true of its shards, one JSON line a fact, appended.
 *
 * Rows that a new version has learnt are prepared before the version is written and settled after:
 * a store opened in between takes them if the bundle serves that version, and else drops them. So
 * a kill at any moment leaves a version and a store that know the same rows.
 *
 * Rows count from the moment that their line in the journal is on the disk: what a killed writer
 * left in a shard beyond that is not read, and cut off by the next. A half-written last line of the
 * journal itself is a fact that never came about.
 */
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ColumnReading, readingSchema } from "../../data/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { parseJson } from "../../shared/json.ts";

export const JOURNAL = "journal.jsonl";
const MAX_JOURNAL_BYTES = 200_000_000;

/** A shard's file and how much of it counts. */
export interface Shard {
  readonly file: string;
  readonly bytes: number;
  readonly nRows: number;
  /** The number of its first rows with a law that its expert has unlearnt. Default: none. */
  readonly nOutdated?: number | undefined;
}

/** Where a row lies: in whose file, from which byte, how many. */
export type Place = readonly [regime: number, offset: number, bytes: number];

/** Rows that lie in other regimes' files than their own. */
export interface Moves {
  readonly to: number;
  readonly rows: readonly Place[];
}

/** A column of the stored rows, and how its texts are read if they are not plain. */
export interface StoredColumn {
  readonly name: string;
  readonly type: "number" | "category";
  readonly reading?: ColumnReading;
}

/** Rows of a version that may or may not have been written. */
export interface Prepared {
  /** The version's digest. */
  readonly digest: string;
  readonly sha256: string;
  readonly shards: readonly Shard[];
  readonly moves: readonly Moves[];
  /** Columns of the batch in which numbers may have been rounded; none if not given. */
  readonly rounded?: readonly string[];
}

export interface StoreState {
  readonly columns: readonly StoredColumn[];
  readonly target: string;
  readonly shards: readonly Shard[];
  readonly moves: readonly Moves[];
  /** SHA-256 of the data of every batch that was stored. */
  readonly batches: readonly string[];
  /** Whether a cell is the text that stood in the file; not in stores of earlier versions. */
  readonly hasTexts: boolean;
  /** Columns in which a file's number type may have rounded identifiers. */
  readonly rounded: readonly string[];
  /** Rows whose version may not be there; null if all is settled. */
  readonly prepared: Prepared | null;
}

export type JournalRecord =
  | ({
      readonly record: "state";
      readonly format: 1 | 2;
      readonly rounded?: readonly string[];
    } & Omit<StoreState, "hasTexts" | "rounded" | "prepared">)
  | {
      readonly record: "batch";
      readonly sha256: string;
      readonly shards: readonly Shard[];
      /** Columns of the batch in which numbers may have been rounded; none if not given. */
      readonly rounded?: readonly string[];
    }
  | ({ readonly record: "moves" } & Moves)
  | ({ readonly record: "prepared" } & Prepared)
  | { readonly record: "settled"; readonly isKept: boolean };

const count = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const shardSchema = z.strictObject({
  file: z.string().regex(/^\d+-\d+\.jsonl$/),
  bytes: count,
  nRows: count,
  nOutdated: count.optional(),
});
const movesSchema = z.strictObject({ to: count, rows: z.array(z.tuple([count, count, count])) });

const columnSchema = z.strictObject({
  name: z.string(),
  type: z.enum(["number", "category"]),
  reading: readingSchema.exactOptional(),
});

const recordSchema: z.ZodType<JournalRecord> = z.discriminatedUnion("record", [
  z.strictObject({
    record: z.literal("state"),
    format: z.union([z.literal(1), z.literal(2)]),
    columns: z.array(columnSchema),
    target: z.string(),
    shards: z.array(shardSchema),
    moves: z.array(movesSchema),
    batches: z.array(hash),
    rounded: z.array(z.string()).exactOptional(),
  }),
  z.strictObject({
    record: z.literal("batch"),
    sha256: hash,
    shards: z.array(shardSchema),
    rounded: z.array(z.string()).exactOptional(),
  }),
  z.strictObject({ record: z.literal("moves"), ...movesSchema.shape }),
  z.strictObject({
    record: z.literal("prepared"),
    digest: hash,
    sha256: hash,
    shards: z.array(shardSchema),
    moves: z.array(movesSchema),
    rounded: z.array(z.string()).exactOptional(),
  }),
  z.strictObject({ record: z.literal("settled"), isKept: z.boolean() }),
]);

/** @throws STORE_CORRUPT naming the line, STORE_MISSING if there is no journal. */
export async function readJournal(folder: string): Promise<StoreState> {
  const { text } = await wholeLines(folder);
  let state: StoreState | null = null;
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    state = applyRecord(state, parseRecord(line, i + 1), i + 1);
  }
  if (state === null) throw corruptStore(`${JOURNAL}: must have a first line, it is empty`);
  return state;
}

/** A fact that a journal adds to its first one. */
export type Fact = Exclude<JournalRecord, { record: "state" }>;

/**
 * Adds a fact to what is true of a store; it is on the disk when this returns. One process may
 * write at a time.
 */
export async function appendFact(
  folder: string,
  state: StoreState,
  fact: Fact,
): Promise<StoreState> {
  const path = join(folder, JOURNAL);
  const { text, bytes } = await wholeLines(folder);
  const whole = Buffer.byteLength(text);
  if (whole < bytes) await truncate(path, whole);
  await appendLine(path, JSON.stringify(fact));
  return applyFact(state, fact);
}

/** Replaces the journal by one with the current state, atomically. */
export async function writeState(folder: string, state: StoreState): Promise<void> {
  const { hasTexts, prepared: _, ...facts } = state;
  const record = { record: "state", format: hasTexts ? 2 : 1, ...facts };
  await writeFileAtomic(join(folder, JOURNAL), `${JSON.stringify(record)}\n`);
}

async function wholeLines(folder: string): Promise<{ text: string; bytes: number }> {
  const file = await readFileChecked(join(folder, JOURNAL), {
    maxBytes: MAX_JOURNAL_BYTES,
    missing: "STORE_MISSING",
    tooLarge: "STORE_CORRUPT",
  });
  return { text: file.subarray(0, file.lastIndexOf(10) + 1).toString("utf8"), bytes: file.length };
}

function parseRecord(line: string, number: number): JournalRecord {
  const document = parseJson(line, (cause) =>
    corruptStore(`${JOURNAL}: line ${number} must be JSON`, cause),
  );
  const { success, data, error } = recordSchema.safeParse(document);
  if (!success) throw corruptStore(`${JOURNAL}: line ${number} must be a record`, error);
  return data;
}

function applyRecord(state: StoreState | null, record: JournalRecord, line: number): StoreState {
  if (record.record === "state") {
    const { columns, target, shards, moves, batches, format, rounded = [] } = record;
    const hasTexts = format === 2;
    return { columns, target, shards, moves, batches, hasTexts, rounded, prepared: null };
  }
  if (state === null) throw corruptStore(`${JOURNAL}: line ${line} must come after a state`);
  return applyFact(state, record);
}

function applyFact(state: StoreState, fact: Fact): StoreState {
  switch (fact.record) {
    case "batch":
      return withBatch(state, fact);
    case "moves":
      return { ...state, moves: [...state.moves, { to: fact.to, rows: fact.rows }] };
    case "prepared": {
      const { record: _, ...prepared } = fact;
      return { ...state, prepared };
    }
    case "settled":
      return settle(state, fact.isKept);
  }
}

/** The state with its prepared rows, or without them. */
function settle(state: StoreState, isKept: boolean): StoreState {
  const { prepared } = state;
  if (prepared === null || !isKept) return { ...state, prepared: null };
  const moved = { ...state, moves: [...state.moves, ...prepared.moves], prepared: null };
  return withBatch(moved, prepared);
}

function withBatch(
  state: StoreState,
  { shards, sha256, rounded = [] }: Pick<Prepared, "shards" | "sha256" | "rounded">,
): StoreState {
  return {
    ...state,
    shards,
    batches: [...new Set([...state.batches, sha256])],
    rounded: [...new Set([...state.rounded, ...rounded])],
  };
}

/** Where each row that was ever moved is now, by its place. */
export function latestMoves({ moves }: StoreState): Map<string, number> {
  const latest = new Map<string, number>();
  for (const { to, rows } of moves) {
    for (const [from, offset] of rows) latest.set(`${from}:${offset}`, to);
  }
  return latest;
}

export function corruptStore(problem: string, cause?: unknown): BailiwickError {
  return new BailiwickError("STORE_CORRUPT", problem, {}, cause);
}
