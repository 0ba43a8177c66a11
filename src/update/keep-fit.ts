/** The store of a bundle that gets the model of a fit: with the fit's rows, or none. */
import { readBundle, type WrittenBundle } from "../bundle/index.ts";
import type { Model, Route } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type KeptRows, prepareFitRows } from "./commit/index.ts";
import { settleStore } from "./open-bundle.ts";
import {
  type Journal,
  makeStoreFolder,
  openJournal,
  type StoreState,
  storeFolder,
  writeSuccessor,
} from "./store/index.ts";

export type FitRows = KeptRows & { readonly regimes: Int32Array };

/**
 * Prepares the store for a version that is about to be served. Rows of another model, which must
 * not pass for those of this one, count until then. The caller must hold the bundle's lock, and
 * call `settleStore` with what this returns once the version is served.
 *
 * @param kept - null if no rows are kept.
 * @returns null if the store stays as it is.
 * @throws WRITE_FAILED; STORE_CORRUPT if the store holds a symbolic link.
 */
export async function prepareFitStore(
  folder: string,
  model: Model,
  next: WrittenBundle,
  kept: FitRows | null,
): Promise<Journal | null> {
  const path = storeFolder(folder);
  const served = await readBundle(folder).catch(() => null);
  const journal = await openJournal(path).catch(emptyIfCorrupt);
  let before: StoreState | null = journal?.state ?? null;
  if (served !== null && journal !== null) {
    before = (await settleStore(folder, served, journal))?.state ?? null;
  }
  if (kept !== null) return prepareFitRows(path, before, { ...next, model }, kept);
  if (journal === null || (before !== null && served?.digest === next.digest)) return null;
  await makeStoreFolder(path);
  return writeSuccessor(path, before, { ...next, state: null });
}

function emptyIfCorrupt(error: unknown): Journal {
  if (!(error instanceof BailiwickError) || error.code !== "STORE_CORRUPT") throw error;
  return { state: null, pending: null };
}

/**
 * Keeps rows of a bundle that is there, in place of any kept beside it.
 *
 * @throws as `readBundle` and `prepareFitStore`.
 */
export async function keepRows(
  folder: string,
  rows: KeptRows,
  { experts }: Pick<Route, "experts">,
): Promise<void> {
  const bundle = await readBundle(folder);
  const kept = { ...rows, regimes: experts };
  const journal = await prepareFitStore(folder, bundle.model, bundle, kept);
  if (journal !== null) await settleStore(folder, bundle, journal);
}
