/**
 * What is true of a row store, and what becomes true once the bundle serves the version that was
 * prepared: pure data, which the journal's records change one by one.
 */

import type { ColumnReading } from "../../data/index.ts";
import { BailiwickError } from "../../shared/errors.ts";

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

/** A batch of rows, as the journal adds it. */
export interface StoredBatch {
  readonly sha256: string;
  readonly shards: readonly Shard[];
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
}

/** What a store holds once a version is served that may not have been written. */
export interface Pending {
  /** The version's digest and number. */
  readonly digest: string;
  readonly version: number;
  /** The batch that the version learns; null if the version replaces all earlier ones. */
  readonly sha256: string | null;
  /** null if no rows are kept with the version. */
  readonly state: StoreState | null;
}

/** All that a journal says. */
export interface Journal {
  /** null if there were no rows before those of the pending version. */
  readonly state: StoreState | null;
  readonly pending: Pending | null;
}

/** A store of no rows. */
export function emptyState({
  columns,
  target,
}: Pick<StoreState, "columns" | "target">): StoreState {
  return { columns, target, shards: [], moves: [], batches: [], hasTexts: true, rounded: [] };
}

/** The state after a batch was stored. */
export function withBatch(
  state: StoreState,
  { shards, sha256, rounded = [] }: StoredBatch,
): StoreState {
  return {
    ...state,
    shards,
    batches: [...new Set([...state.batches, sha256])],
    rounded: [...new Set([...state.rounded, ...rounded])],
  };
}

/** The journal after its pending version was served, or given up. */
export function settled({ state, pending }: Journal, isServed: boolean): Journal {
  return { state: isServed && pending !== null ? pending.state : state, pending: null };
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
