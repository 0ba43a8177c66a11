/**
 * Updating a bundle where it lies: one at a time, verified, and switched to atomically.
 *
 * First the new version is written beside the old (blobs, manifest, then CURRENT by rename), then
 * the rows go to the store: a kill between the two loses rows of the store, never a model, and the
 * same update may be given again.
 */
import { type Bundle, lockBundle } from "../bundle/index.ts";
import { markRows, selectTarget, type Table, takeTableRows } from "../data/index.ts";
import type { Executor, TrainingTable } from "../mixture/index.ts";
import type { Lock } from "../shared/lock.ts";
import {
  type Committed,
  type DecisionReport,
  reportDecision,
  reportUpdate,
  sameVersion,
  storeRows,
  type Updated,
  type UpdateReport,
  writeVersion,
} from "./commit/index.ts";
import type { DecideOptions } from "./decide/index.ts";
import { type OpenedBundle, oldRowsOf, openForUpdate, retiredExperts } from "./open-bundle.ts";
import type { MemoryRows } from "./store/index.ts";
import { planUpdate, type UpdateOptions, update } from "./update.ts";
import { type Monitors, readBins, readMonitors, writeMonitors } from "./watch/index.ts";

/** New rows as they were read: with the target and, for the store, every other column. */
export interface Batch {
  readonly name: string;
  readonly sha256: string;
  readonly table: Table;
}

export interface UpdateBundleOptions {
  readonly executor: Executor;
  readonly seed: number;
  /** What is not given is as DEFAULT_DECIDE says. */
  readonly decide?: Partial<DecideOptions>;
}

/** What an update hands to the next one of the same bundle. */
export interface Session extends UpdateBundleOptions {
  /** Monitors of the model with this digest. */
  readonly watched: { readonly digest: string; readonly monitors: Monitors } | null;
  /** Old rows for a bundle without a store; new ones are added to it. */
  readonly memory: MemoryRows | null;
}

const NOTHING_SEEN = { watched: null, memory: null };

/** What would be done. Takes no lock and writes nothing. */
export async function planBundleUpdate(
  folder: string,
  batch: Batch,
  options: UpdateBundleOptions,
): Promise<{
  readonly warnings: readonly string[];
  readonly decisions: readonly DecisionReport[];
}> {
  const opened = await openForUpdate(folder);
  const { table } = rowsWithTarget(opened.bundle, batch);
  const how = await optionsOf(folder, opened, { ...options, ...NOTHING_SEEN });
  const plan = await planUpdate(opened.current, table, how);
  return { warnings: plan.warnings, decisions: plan.decisions.map(reportDecision) };
}

/**
 * Updates the bundle in `folder` by a batch of rows.
 *
 * @throws BUNDLE_BUSY if another process is at it, TARGET_MISSING and as preprocessing does if the
 *   rows do not fit the model, and as reading and writing bundles and stores does.
 */
export async function updateBundle(
  folder: string,
  batch: Batch,
  options: UpdateBundleOptions,
): Promise<UpdateReport> {
  return (await updateStep(folder, batch, { ...options, ...NOTHING_SEEN })).report;
}

/** One of many updates. @throws as `updateBundle`. */
export async function updateStep(
  folder: string,
  batch: Batch,
  session: Session,
): Promise<{ readonly report: UpdateReport; readonly watched: Session["watched"] }> {
  const lock = await lockBundle(folder);
  try {
    const opened = await openForUpdate(folder);
    const rows = rowsWithTarget(opened.bundle, batch);
    const how = await optionsOf(folder, opened, session);
    const updated = await update(opened.current, rows.table, how);
    const written = await write(folder, opened.bundle, updated, { ...batch, ...rows, lock });
    await keep(opened, { updated, digest: written.digest }, { ...batch, ...rows }, session);
    const counts = { nDropped: rows.nDropped, nRows: rows.table.y.length };
    const report = reportUpdate(opened.bundle, updated, written, counts);
    return { report, watched: { digest: written.digest, monitors: updated.monitors } };
  } finally {
    await lock.release();
  }
}

/** Rows with a target: as the model sees them, and with all columns. */
interface RowsWithTarget {
  readonly table: TrainingTable;
  readonly nDropped: number;
  readonly whole: Table;
}

type NamedRows = RowsWithTarget & Pick<Batch, "name" | "sha256">;

function rowsWithTarget({ model }: Bundle, { table }: Batch): RowsWithTarget {
  const { name } = model.preprocessing.target;
  const selected = selectTarget(table, name, { minRows: 1, allowConstant: true });
  const whole = takeTableRows(table, selected.rows);
  return { table: selected, nDropped: selected.nDropped, whole };
}

async function optionsOf(
  folder: string,
  { bundle, store }: OpenedBundle,
  { executor, seed, watched, memory, decide = {} }: Session,
): Promise<UpdateOptions> {
  const { digest, manifest } = bundle;
  const blobs = manifest.members[0]!.experts.map(({ blob }) => blob);
  const remembered = watched?.digest === digest ? watched.monitors : null;
  const stored = store === null ? null : await readMonitors(store.folder, digest);
  const monitors = remembered ?? stored;
  return {
    executor,
    seed,
    decide,
    old: store === null ? memory : oldRowsOf(store),
    retired: (m) => retiredExperts(folder, bundle, m),
    bins: store === null ? null : await readBins(store.folder, blobs),
    ...(monitors === null ? {} : { monitors }),
  };
}

/** The next version, if anything was replaced. */
async function write(
  folder: string,
  bundle: Bundle,
  updated: Updated,
  { name, sha256, table, lock }: NamedRows & { readonly lock: Lock },
): Promise<Committed> {
  if (!updated.isChanged) return sameVersion(bundle);
  const { current, outcomes, rowsRead } = updated;
  const rowMarks = markRows(current.model.preprocessing, table);
  const origin = { name, sha256, nRows: table.y.length, rowMarks, rowsRead, outcomes, lock };
  return writeVersion(folder, bundle, current, origin);
}

/** New rows go to the store or, without one, to the session's memory; odd ones go nowhere. */
async function keep(
  { store, current }: OpenedBundle,
  { updated, digest }: { readonly updated: Updated; readonly digest: string },
  { table, whole, sha256 }: NamedRows,
  { executor, memory }: Session,
): Promise<void> {
  const { warnings, prediction, laws, affected } = updated;
  if (warnings.length > 0) return;
  const { experts } = prediction.routes[0]!;
  if (store === null) {
    memory?.add(table, experts, laws);
    return;
  }
  const models = { before: current.model, after: updated.current.model, affected: affected[0]! };
  const learnt = { table: whole, regimes: experts, sha256, laws };
  await storeRows(executor.engine, store, models, learnt);
  await writeMonitors(store.folder, digest, updated.monitors);
}
