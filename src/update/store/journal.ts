/**
 * The journal of a row store: what is true of its shards, one JSON line a fact, appended.
 *
 * What a new version brings (rows that it has learnt, or other rows altogether) is noted for its
 * digest before that version is served, and settled after: who opens the store in between takes it
 * if the bundle serves that version, and else drops it. So a kill at any moment leaves a version
 * and a store that know the same rows.
 *
 * Rows count from the moment that their line in the journal is on the disk: what a killed writer
 * left in a shard beyond that is not read, and cut off by the next. A half-written last line of the
 * journal itself is a fact that never came about.
 */
import { truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type ColumnReading, isReading } from "../../data/index.ts";
import { appendLine, readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { parseJson } from "../../shared/json.ts";
import {
  corruptStore,
  type Journal,
  type Moves,
  type Pending,
  type StoredBatch,
  type StoreState,
  settled,
  withBatch,
} from "./state.ts";

export const JOURNAL = "journal.jsonl";
const MAX_JOURNAL_BYTES = 200_000_000;

type StateFacts = { readonly format: 1 | 2; readonly rounded?: readonly string[] } & Omit<
  StoreState,
  "hasTexts" | "rounded"
>;

/** A fact that a journal adds to what it says. */
export type Fact =
  | ({ readonly record: "batch" } & StoredBatch)
  | ({ readonly record: "moves" } & Moves)
  | ({ readonly record: "prepared"; readonly moves: readonly Moves[] } & StoredBatch &
      Pick<Pending, "digest" | "version">)
  | { readonly record: "settled"; readonly isKept: boolean };

type JournalRecord =
  | Fact
  | ({ readonly record: "state" } & StateFacts)
  | ({ readonly record: "successor"; readonly state: StateFacts | null } & Pick<
      Pending,
      "digest" | "version"
    >);

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
  reading: z.custom<ColumnReading>(isReading).exactOptional(),
});

const stateShape = {
  format: z.union([z.literal(1), z.literal(2)]),
  columns: z.array(columnSchema),
  target: z.string(),
  shards: z.array(shardSchema),
  moves: z.array(movesSchema),
  batches: z.array(hash),
  rounded: z.array(z.string()).exactOptional(),
};
const versionShape = { digest: hash, version: z.int().min(1) };

const recordSchema: z.ZodType<JournalRecord> = z.discriminatedUnion("record", [
  z.strictObject({ record: z.literal("state"), ...stateShape }),
  z.strictObject({
    record: z.literal("successor"),
    ...versionShape,
    state: z.strictObject(stateShape).nullable(),
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
    ...versionShape,
    sha256: hash,
    shards: z.array(shardSchema),
    moves: z.array(movesSchema),
    rounded: z.array(z.string()).exactOptional(),
  }),
  z.strictObject({ record: z.literal("settled"), isKept: z.boolean() }),
]);

/** @throws STORE_CORRUPT naming the line, STORE_MISSING if there is no journal. */
export async function readJournal(folder: string): Promise<Journal> {
  const { text } = await wholeLines(folder);
  if (text === "") throw corruptStore(`${JOURNAL}: must have a first line, it is empty`);
  let journal: Journal = { state: null, pending: null };
  for (const [i, line] of text.split("\n").slice(0, -1).entries()) {
    journal = applyRecord(journal, parseRecord(line, i + 1), i + 1);
  }
  return journal;
}

/**
 * Adds a fact to what a journal says of rows; it is on the disk when this returns. One process may
 * write at a time.
 */
export async function appendFact(folder: string, journal: Journal, fact: Fact): Promise<Journal> {
  const path = join(folder, JOURNAL);
  const { text, bytes } = await wholeLines(folder);
  const whole = Buffer.byteLength(text);
  if (whole < bytes) await truncate(path, whole);
  await appendLine(path, JSON.stringify(fact));
  return applyRecord(journal, fact, 0);
}

/** Replaces the journal by one that says the same in at most two lines, atomically. */
export async function writeJournal(folder: string, { state, pending }: Journal): Promise<void> {
  const records: JournalRecord[] = [];
  if (state !== null) records.push({ record: "state", ...factsOf(state) });
  if (pending !== null) {
    const { digest, version, state: next } = pending;
    const facts = next === null ? null : factsOf(next);
    records.push({ record: "successor", digest, version, state: facts });
  }
  const lines = records.map((record) => `${JSON.stringify(record)}\n`);
  await writeFileAtomic(join(folder, JOURNAL), lines.join(""));
}

function factsOf({ hasTexts, ...facts }: StoreState): StateFacts {
  return { format: hasTexts ? 2 : 1, ...facts };
}

function stateOf({ format, rounded = [], ...facts }: StateFacts): StoreState {
  const { columns, target, shards, moves, batches } = facts;
  return { columns, target, shards, moves, batches, rounded, hasTexts: format === 2 };
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

/** The journal after one more record. */
function applyRecord(journal: Journal, record: JournalRecord, line: number): Journal {
  switch (record.record) {
    case "state":
      return { state: stateOf(record), pending: null };
    case "successor": {
      const { digest, version, state } = record;
      const next = state === null ? null : stateOf(state);
      return { ...journal, pending: { digest, version, sha256: null, state: next } };
    }
    case "settled":
      return settled(journal, record.isKept);
  }
  const { state } = journal;
  if (state === null) throw corruptStore(`${JOURNAL}: line ${line} must come after a state`);
  switch (record.record) {
    case "batch":
      return { ...journal, state: withBatch(state, record) };
    case "moves": {
      const { to, rows } = record;
      return { ...journal, state: { ...state, moves: [...state.moves, { to, rows }] } };
    }
    case "prepared": {
      const { digest, version, sha256, moves } = record;
      const moved = { ...state, moves: [...state.moves, ...moves] };
      return { ...journal, pending: { digest, version, sha256, state: withBatch(moved, record) } };
    }
  }
}
