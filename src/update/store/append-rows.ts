/** Adding a batch of rows to a store: to the files of their regimes, then a line in the journal. */
import type { Table } from "../../data/index.ts";
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { syncFolder } from "../../shared/files.ts";
import { appendFact } from "./journal.ts";
import type { RowStore } from "./row-store.ts";
import { linesOf } from "./rows.ts";
import { appendLines } from "./shard-files.ts";
import type { Journal, Moves, Pending, Shard, StoredBatch } from "./state.ts";

/** From where on a regime's rows follow another law. */
export interface LawChange {
  readonly regime: number;
  /** The first row of the batch that does. */
  readonly row: number;
  /** The number of last stored rows that already do. */
  readonly nEarlier: number;
}

/** Rows to be stored. */
export interface RowBatch {
  /** With every column of the store. */
  readonly table: Table;
  /** The regime of each row. Shape (table.nRows,). */
  readonly regimes: ArrayLike<number>;
  readonly sha256: string;
  readonly laws?: readonly LawChange[];
}

/**
 * Adds rows; a batch that is there already, by its sha256, is not added again.
 *
 * @throws COLUMN_MISSING if a column of the store is not in the table; WRITE_FAILED.
 */
export async function appendRows(store: RowStore, batch: RowBatch): Promise<RowStore> {
  if (store.state.batches.includes(batch.sha256)) return store;
  const written = await writeBatch(store, batch);
  const { folder, state } = store;
  const fact = { record: "batch" as const, ...written };
  const journal = await appendFact(folder, { state, pending: null }, fact);
  return { folder, state: journal.state! };
}

/** The version that rows are prepared for, and where it sends rows that are stored. */
export interface LearningVersion extends Pick<Pending, "digest" | "version"> {
  readonly moves: readonly Moves[];
}

/**
 * Adds rows and moves for a version that is about to be served: they count once they are settled
 * (settle.ts). Rows of a batch that is there already are not added again.
 *
 * @throws as `appendRows`.
 */
export async function prepareRows(
  store: RowStore,
  batch: RowBatch,
  version: LearningVersion,
): Promise<Journal> {
  const { folder, state } = store;
  const { batches, shards } = state;
  const isStored = batches.includes(batch.sha256);
  const written = isStored ? { sha256: batch.sha256, shards } : await writeBatch(store, batch);
  const fact = { record: "prepared" as const, ...version, ...written };
  return appendFact(folder, { state, pending: null }, fact);
}

/**
 * Writes the rows to their shards, where they do not count yet.
 *
 * @param generation - Of the files of shards that are new.
 */
export async function writeBatch(
  { folder, state }: RowStore,
  { table, regimes, sha256, laws = [] }: RowBatch,
  generation = 1,
): Promise<StoredBatch> {
  checkLength("regimes.length", regimes.length, table.nRows);
  for (const { name } of state.columns) {
    if (table.columns.some((column) => column.name === name)) continue;
    throw new BailiwickError("COLUMN_MISSING", `column "${name}" must exist, as in the store`, {
      column: name,
    });
  }
  const nShards = Array.from(regimes).reduce((most, k) => Math.max(most, k + 1), 0);
  const shards: Shard[] = [];
  for (let k = 0; k < Math.max(nShards, state.shards.length); k++) {
    const shard = state.shards[k] ?? { file: `${k}-${generation}.jsonl`, bytes: 0, nRows: 0 };
    const rows = Array.from(regimes).flatMap((regime, i) => (regime === k ? [i] : []));
    const longer = await appendLines(folder, shard, linesOf(state, table, rows), rows.length);
    const law = laws.find(({ regime }) => regime === k);
    shards.push(outdate(longer, shard.nRows, rows, law));
  }
  // Shards may be new: the journal must name no file that a power cut takes away.
  await syncFolder(folder);
  const rounded = state.columns.flatMap(({ name }) =>
    table.spellings?.get(name)?.rounded == null ? [] : [name],
  );
  return { sha256, shards, ...(rounded.length === 0 ? {} : { rounded }) };
}

/** The shard with those rows outdated that come before a change of law. */
function outdate(
  shard: Shard,
  nStored: number,
  rows: readonly number[],
  law: LawChange | undefined,
): Shard {
  if (law === undefined) return shard;
  const nBefore = rows.filter((i) => i < law.row).length;
  return { ...shard, nOutdated: Math.max(0, nStored + nBefore - law.nEarlier) };
}
