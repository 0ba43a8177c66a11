/**
 * Training rows kept beside a bundle, where the user asked for it: one append-only file a regime,
 * and a journal that says what counts.
 *
 * A row stays where it was written; if its regime changes, the journal says so. Only forgetting
 * writes files again, because forgotten rows must be gone. One process may write a store at a time
 * (shared/lock.ts); any number may read it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { firstLink } from "../../shared/folders.ts";
import { JOURNAL, readJournal } from "./journal.ts";
import { corruptStore, type Journal, latestMoves, type StoreState } from "./state.ts";

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

/** What a store's journal says; null where there is none. @throws STORE_CORRUPT */
export async function openJournal(folder: string): Promise<Journal | null> {
  if (!existsSync(folder)) return null;
  await refuseLinks(folder);
  return existsSync(join(folder, JOURNAL)) ? await readJournal(folder) : null;
}

/** A store without what is pending. @throws STORE_MISSING, STORE_CORRUPT */
export async function openStore(folder: string): Promise<RowStore> {
  const state = (await openJournal(folder))?.state ?? null;
  if (state !== null) return { folder, state };
  throw new BailiwickError("STORE_MISSING", `${folder} must hold rows`, { folder });
}

/** No write may follow a link from a stranger's store to a file of the user's. */
export async function refuseLinks(folder: string): Promise<void> {
  const link = await firstLink(folder);
  if (link !== null) throw corruptStore(`${join(folder, link)}: must be no symbolic link`);
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
