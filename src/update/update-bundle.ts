/**
 * Updating a bundle where it lies: one at a time, verified, and switched to atomically.
 *
 * The rows are prepared in the store and what was watched is written, then the new version beside
 * the old (blobs, manifest, then CURRENT by rename), then the rows are settled. Who opens the store
 * after a kill in between settles them by the version that is served and what it has watched, so
 * that both know the same rows. Rows that the served version has learnt are not learnt again.
 */
import { type Bundle, lockBundle, type WrittenBundle } from "../bundle/index.ts";
import { markRows, selectTarget, type Table, takeTableRows } from "../data/index.ts";
import type { Executor, TrainingTable } from "../mixture/index.ts";
import type { Lock } from "../shared/lock.ts";
import {
  type Committed,
  type DecisionReport,
  prepareStore,
  reportDecision,
  reportUpdate,
  sameVersion,
  type Updated,
  type UpdateReport,
  writeVersion,
} from "./commit/index.ts";
import type { DecideOptions } from "./decide/index.ts";
import {
  type Lineage,
  type OpenedBundle,
  oldRowsOf,
  openForUpdate,
  openSettled,
  readLineage,
  retiredExperts,
  settleStore,
  versionsThatLearnt,
} from "./open-bundle.ts";
import { type Journal, type MemoryRows, prepareRows } from "./store/index.ts";
import { passBy, planUpdate, type UpdateOptions, update } from "./update.ts";
import { addWatched, type Monitors, readBins, type WatchedVersion } from "./watch/index.ts";

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
  const lineage = () => readLineage(folder, opened.bundle);
  const known = { lineage, sha256: batch.sha256 };
  const how = await optionsOf(folder, opened, known, { ...options, ...NOTHING_SEEN });
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
    const opened = await openSettled(folder);
    const rows = rowsWithTarget(opened.bundle, batch);
    const lineage = await readLineage(folder, opened.bundle);
    const known = { lineage: async () => lineage, sha256: batch.sha256 };
    const how = await optionsOf(folder, opened, known, session);
    const counts = { nDropped: rows.nDropped, nRows: rows.table.y.length };
    const learntIn = versionThatLearnt(opened, lineage, batch.sha256);
    if (learntIn !== null) {
      const updated = passBy(opened.current, rows.table, how);
      const report = reportUpdate(opened.bundle, updated, sameVersion(opened.bundle), counts);
      return { report: { ...report, learntIn }, watched: session.watched };
    }
    const updated = await update(opened.current, rows.table, how);
    const named = { ...batch, ...rows, lock };
    const written = updated.isChanged
      ? await writeNext(folder, opened, updated, { ...named, executor: session.executor })
      : await keepOnly(folder, opened, updated, named);
    if (opened.store === null) remember(updated, rows.table, session.memory);
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
type Held = { readonly lock: Lock };

function rowsWithTarget({ model }: Bundle, { table }: Batch): RowsWithTarget {
  const { name } = model.preprocessing.target;
  const selected = selectTarget(table, name, { minRows: 1, allowConstant: true });
  const whole = takeTableRows(table, selected.rows);
  return { table: selected, nDropped: selected.nDropped, whole };
}

/** The rows' hash, and the versions that may have learnt them. */
interface Known extends Pick<Batch, "sha256"> {
  readonly lineage: () => Promise<Lineage>;
}

async function optionsOf(
  folder: string,
  { bundle, store, watched: stored }: OpenedBundle,
  { sha256, lineage }: Known,
  { executor, seed, watched, memory, decide = {} }: Session,
): Promise<UpdateOptions> {
  const { digest, manifest } = bundle;
  const blobs = manifest.members[0]!.experts.map(({ blob }) => blob);
  const remembered = watched?.digest === digest ? watched.monitors : null;
  const monitors = remembered ?? stored?.monitors ?? null;
  return {
    executor,
    seed,
    decide,
    old: store === null ? memory : oldRowsOf(store),
    retired: async (m) => retiredExperts(folder, bundle, m, { sha256, lineage: await lineage() }),
    bins: store === null ? null : await readBins(store.folder, blobs),
    ...(monitors === null ? {} : { monitors }),
  };
}

/** The next version, and with it the rows in the store. */
async function writeNext(
  folder: string,
  { bundle, current, store, watched }: OpenedBundle,
  updated: Updated,
  { name, sha256, table, whole, lock, executor }: NamedRows & Held & Pick<Session, "executor">,
): Promise<Committed> {
  const { current: next, outcomes, rowsRead, prediction, laws, affected, monitors } = updated;
  let journal: Journal | null = null;
  let kept: readonly WatchedVersion[] = [];
  const beforeServed = async ({ digest, version }: WrittenBundle): Promise<void> => {
    if (store === null) return;
    const models = { before: current.model, after: next.model, affected: affected[0]! };
    const { experts: regimes } = prediction.routes[0]!;
    const learnt = { table: whole, regimes, sha256, laws };
    journal = await prepareStore(executor.engine, store, { ...models, digest, version }, learnt);
    kept = await addWatched(store.folder, watched, { digest, batch: sha256, monitors });
  };
  const rowMarks = markRows(next.model.preprocessing, table);
  const about = { name, sha256, nRows: table.y.length, rowMarks, rowsRead, outcomes };
  const written = await writeVersion(folder, bundle, next, { ...about, lock, beforeServed });
  if (journal !== null) await settleStore(folder, written, journal, kept);
  return written;
}

/** Rows from which nothing was learnt are watched and stored as one, unless they are odd. */
async function keepOnly(
  folder: string,
  { bundle, store, watched }: OpenedBundle,
  { warnings, prediction, laws, monitors }: Updated,
  { whole, sha256 }: NamedRows,
): Promise<Committed> {
  if (store !== null && warnings.length === 0) {
    const { experts: regimes } = prediction.routes[0]!;
    const { digest, version } = bundle;
    const batch = { table: whole, regimes, sha256, laws };
    const journal = await prepareRows(store, batch, { digest, version, moves: [] });
    const seen = { digest, batch: sha256, monitors };
    const kept = await addWatched(store.folder, watched, seen);
    await settleStore(folder, bundle, journal, kept);
  }
  return sameVersion(bundle);
}

/** Without a store, rows go to the session's memory; odd ones go nowhere. */
function remember(
  { warnings, prediction, laws }: Updated,
  table: TrainingTable,
  memory: MemoryRows | null,
): void {
  if (warnings.length === 0) memory?.add(table, prediction.routes[0]!.experts, laws);
}

/**
 * The version, among the served one and those that it came from, that has learnt a batch; the
 * served one where it has seen the batch and nothing was to be learnt. null if none has.
 */
function versionThatLearnt(
  { bundle, store, watched }: OpenedBundle,
  lineage: Lineage,
  sha256: string,
): number | null {
  const learnt = versionsThatLearnt(lineage, sha256).get(bundle.version);
  if (learnt !== undefined) return learnt;
  if (store === null || !store.state.batches.includes(sha256)) return null;
  return watched === null ? null : bundle.version;
}
