/**
 * Following rows that keep coming: batch by batch, in bounded memory. Each batch is
 * reported when it is done.
 *
 * Where the bundle keeps a store, old rows come from there; if not, the last rows of each regime
 * that came along are remembered, for as long as this runs.
 */
import { lockBundle } from "../bundle/index.ts";
import type { UpdateReport } from "./commit/index.ts";
import { skipKnown } from "./known-rows.ts";
import { openForUpdate, openSettled } from "./open-bundle.ts";
import { createMemoryRows, type RowStore } from "./store/index.ts";
import { type Batch, type Session, type UpdateBundleOptions, updateStep } from "./update-bundle.ts";

export interface FollowOptions extends UpdateBundleOptions {
  /** Called with the report of every batch. */
  readonly onBatch: (report: UpdateReport) => void;
}

export interface FollowReport {
  /** Rows at the beginning that the store held already: they are not learnt again. */
  readonly nKnown: number;
  readonly nBatches: number;
  readonly nRows: number;
  /** Batches that made a new version. */
  readonly nUpdates: number;
  /** The version that is served in the end. */
  readonly version: number;
  /** Root mean squared error of all rows before they were learnt; null without rows. */
  readonly prequentialError: number | null;
}

/** Rows of a regime that are remembered where there is no store. */
const REMEMBERED = 2000;

/**
 * Until `batches` end. Rows at the beginning that the bundle's store holds are passed over.
 *
 * @throws as `updateBundle`.
 */
export async function follow(
  folder: string,
  batches: AsyncIterable<Batch>,
  { onBatch, ...options }: FollowOptions,
): Promise<FollowReport> {
  const memory = createMemoryRows(REMEMBERED);
  let watched: Session["watched"] = null;
  const store = await settledStore(folder);
  const newPart = store === null ? null : await skipKnown(store);
  let [nKnown, nBatches, nRows, nUpdates, squares] = [0, 0, 0, 0, 0];
  for await (const given of batches) {
    const batch = newPart === null ? given : newPart(given);
    nKnown += given.table.nRows - (batch?.table.nRows ?? 0);
    if (batch === null) continue;
    const step = await updateStep(folder, batch, { ...options, memory, watched });
    const { report } = step;
    watched = step.watched;
    nBatches += 1;
    nRows += report.nRows;
    nUpdates += report.version === report.versionBefore ? 0 : 1;
    squares += report.nRows * (report.change.errorBefore ?? 0) ** 2;
    onBatch(report);
  }
  const { version } = (await openForUpdate(folder)).bundle;
  const prequentialError = nRows === 0 ? null : Math.sqrt(squares / nRows);
  return { nKnown, nBatches, nRows, nUpdates, version, prequentialError };
}

/** The store, after what a killed command left is finished or taken back. */
async function settledStore(folder: string): Promise<RowStore | null> {
  const lock = await lockBundle(folder);
  try {
    return (await openSettled(folder)).store;
  } finally {
    await lock.release();
  }
}
