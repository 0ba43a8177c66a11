/**
 * Training rows kept beside a bundle, where the user asked for it: one append-only file a regime,
 * and a journal that says what counts.
 *
 * A row stays where it was written; if its regime changes, the journal says so. Only forgetting
 * writes files again, because forgotten rows must be gone. One process may write a store at a time
 * (shared/lock.ts); any number may read it.
 */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeError } from "../../shared/files.ts";
import { firstLink } from "../../shared/folders.ts";
import {
  corruptStore,
  JOURNAL,
  latestMoves,
  readJournal,
  type StoreState,
  writeState,
} from "./journal.ts";
import { removeOthers } from "./shard-files.ts";

export interface RowStore {
  readonly folder: string;
  readonly state: StoreState;
}

/** Where the rows of a bundle are kept. */
export function storeFolder(bundle: string): string {
  let end = bundle.length;
  while (bundle[end - 1] === "/") end--;
  return `${bundle.slice(0, end)}.store`;
}

/** Makes an empty store in place of any that is there. */
export async function createStore(
  folder: string,
  { columns, target }: Pick<StoreState, "columns" | "target">,
): Promise<RowStore> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
  await refuseLinks(folder);
  const state: StoreState = {
    columns,
    target,
    shards: [],
    moves: [],
    batches: [],
    hasTexts: true,
    rounded: [],
    prepared: null,
  };
  await writeState(folder, state);
  await removeOthers(folder, state);
  return { folder, state };
}

/** Removes the rows beside a bundle that gets another model; a folder without a journal stays. */
export async function removeStore(bundle: string): Promise<void> {
  const folder = storeFolder(bundle);
  try {
    if (existsSync(join(folder, JOURNAL))) await rm(folder, { recursive: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

/** @throws STORE_MISSING, STORE_CORRUPT */
export async function openStore(folder: string): Promise<RowStore> {
  await refuseLinks(folder);
  return { folder, state: await readJournal(folder) };
}

/** No write may follow a link from a stranger's store to a file of the user's. */
async function refuseLinks(folder: string): Promise<void> {
  const link = await firstLink(folder);
  if (link !== null) throw corruptStore(`${join(folder, link)}: must be no symbolic link`);
}

/** For a writer: what a killed one left is gone. @throws WRITE_FAILED */
export function removeLeftovers({ folder, state }: RowStore): Promise<void> {
  return removeOthers(folder, state);
}

/** How many rows of each regime there are. */
export function countRows({ state }: RowStore): readonly number[] {
  const counts = state.shards.map(({ nRows }) => nRows);
  for (const [at, to] of latestMoves(state)) {
    const from = Number(at.split(":")[0]);
    counts[from]! -= 1;
    counts[to] = (counts[to] ?? 0) + 1;
  }
  return Array.from(counts, (count) => count ?? 0);
}

/** How many rows of each regime follow the law that its expert knows; moved rows count as such. */
export function countTraining(store: RowStore): readonly number[] {
  return countRows(store).map((nRows, k) => {
    return Math.max(0, nRows - (store.state.shards[k]?.nOutdated ?? 0));
  });
}
