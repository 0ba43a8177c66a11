/**
 * Rows that replace a store's together with the model, and the end of what is pending.
 *
 * The new rows go to files of their own, then one line of the journal binds them to the version
 * that is about to be served. Until that version is served, the old rows count.
 */
import { readdir } from "node:fs/promises";
import { makeFolder } from "../../shared/folders.ts";
import { type RowBatch, writeBatch } from "./append-rows.ts";
import { appendFact, writeJournal } from "./journal.ts";
import { type RowStore, refuseLinks } from "./row-store.ts";
import { generationOf, removeOthers, removeRows } from "./shard-files.ts";
import {
  emptyState,
  type Journal,
  type Pending,
  type StoreState,
  settled,
  withBatch,
} from "./state.ts";

/** Makes the folder of a store where there is none. @throws STORE_CORRUPT, WRITE_FAILED */
export async function makeStoreFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  await refuseLinks(folder);
}

/** Writes rows to new files of a store, where they do not count yet. @throws WRITE_FAILED */
export async function writeNewRows(
  folder: string,
  shape: Pick<StoreState, "columns" | "target">,
  batch: RowBatch,
): Promise<StoreState> {
  const state = emptyState(shape);
  const generation = 1 + Math.max(0, ...(await readdir(folder)).map(generationOf));
  return withBatch(state, await writeBatch({ folder, state }, batch, generation));
}

/**
 * Notes what a store holds once a version is served that replaces all others: other rows, or none.
 *
 * @param before - What the store holds until then; null for nothing. Nothing may be pending.
 */
export async function writeSuccessor(
  folder: string,
  before: StoreState | null,
  next: Omit<Pending, "sha256">,
): Promise<Journal> {
  const { digest, version, state } = next;
  const journal = { state: before, pending: { digest, version, sha256: null, state } };
  await writeJournal(folder, journal);
  return journal;
}

/**
 * Notes that the pending version is served, or given up, and removes the files that no row needs.
 *
 * @returns What then is true; null if no rows are kept.
 * @throws WRITE_FAILED
 */
export async function settleJournal(
  folder: string,
  journal: Journal,
  isServed: boolean,
): Promise<RowStore | null> {
  const { pending } = journal;
  const { state } = settled(journal, isServed);
  if (state === null) {
    await removeRows(folder);
    return null;
  }
  if (pending?.sha256 === null) await writeJournal(folder, { state, pending: null });
  else if (pending !== null) {
    await appendFact(folder, journal, { record: "settled", isKept: isServed });
  }
  await removeOthers(folder, state);
  return { folder, state };
}
