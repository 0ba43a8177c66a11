/** Adding a batch of rows to a store: to the files of their regimes, then a line in the journal. */
import type { Table } from "../../data/index.ts";
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { appendRecord, type Shard } from "./journal.ts";
import type { RowStore } from "./row-store.ts";
import { linesOf } from "./rows.ts";
import { appendLines } from "./shard-files.ts";

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
export async function appendRows(
  store: RowStore,
  { table, regimes, sha256, laws = [] }: RowBatch,
): Promise<RowStore> {
  checkLength("regimes.length", regimes.length, table.nRows);
  const { folder, state } = store;
  if (state.batches.includes(sha256)) return store;
  for (const { name } of state.columns) {
    if (table.columns.some((column) => column.name === name)) continue;
    throw new BailiwickError("COLUMN_MISSING", `column "${name}" must exist, as in the store`, {
      column: name,
    });
  }
  const nShards = Array.from(regimes).reduce((most, k) => Math.max(most, k + 1), 0);
  const shards: Shard[] = [];
  for (let k = 0; k < Math.max(nShards, state.shards.length); k++) {
    const shard = state.shards[k] ?? { file: `${k}-1.jsonl`, bytes: 0, nRows: 0 };
    const rows = Array.from(regimes).flatMap((regime, i) => (regime === k ? [i] : []));
    const longer = await appendLines(folder, shard, linesOf(state, table, rows), rows.length);
    shards.push(
      outdate(
        longer,
        shard.nRows,
        rows,
        laws.find(({ regime }) => regime === k),
      ),
    );
  }
  const rounded = state.columns.flatMap(({ name }) =>
    table.spellings?.get(name)?.rounded == null ? [] : [name],
  );
  const record = { record: "batch" as const, sha256, shards };
  await appendRecord(folder, rounded.length === 0 ? record : { ...record, rounded });
  const batches = [...state.batches, sha256];
  const allRounded = [...new Set([...state.rounded, ...rounded])];
  return { folder, state: { ...state, shards, batches, rounded: allRounded } };
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
