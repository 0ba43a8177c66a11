/**
 * Updating a bundle where it lies: one at a time, verified, and switched to atomically.
 *
 * First the new version is written beside the old (blobs, manifest, then CURRENT by rename), then
 * the rows go to the store: a kill between the two loses rows of the store, never a model, and the
 * same update may simply be given again.
 */
import {
  type Bundle,
  type BundleFacts,
  lockBundle,
  type UpdateRecord,
  writeBundle,
} from "../bundle/index.ts";
import { selectTarget, type Table } from "../data/index.ts";
import { type Executor, predict, type TrainingTable } from "../mixture/index.ts";
import type { Lock } from "../shared/lock.ts";
import type { DecideOptions } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { MemoryRows } from "./memory-rows.ts";
import {
  type OpenedBundle,
  oldRowsOf,
  openForUpdate,
  readBins,
  readMonitors,
  retiredExperts,
  writeMonitors,
} from "./open-bundle.ts";
import { appendRows, moveRows, type RowStore, readRegime, tableOf } from "./store/index.ts";
import { planUpdate, type Updated, type UpdateOptions, update } from "./update.ts";
import type { Outcome } from "./verify.ts";

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

/** An expert's blob before and after; null where it was not, or is not any more. */
export interface HashChange {
  readonly id: string;
  readonly before: string | null;
  readonly after: string | null;
}

export interface UpdateReport {
  readonly versionBefore: number;
  /** The same if nothing was replaced. */
  readonly version: number;
  readonly digest: string;
  /** Why nothing was learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  /** Rows without a target, which were left out. */
  readonly nDropped: number;
  readonly nRows: number;
  /** Experts that are others now, or whose scores are. */
  readonly affected: readonly HashChange[];
  readonly unaffected: readonly HashChange[];
  readonly change: Updated["change"];
  readonly rowsRead: number;
  /** Multiply-adds of training. */
  readonly cost: number;
  readonly decisions: readonly (DecisionReport & { readonly verified: Outcome["verified"] })[];
}

export type DecisionReport = Omit<
  Decision,
  "rows" | "staying" | "source" | "member" | "expert" | "id"
> & { readonly expert: string; readonly nLearning: number };

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
  const { table } = tableOfBatch(opened.bundle, batch);
  const session = { ...options, ...NOTHING_SEEN };
  const own = await optionsOf(folder, opened, session);
  const plan = await planUpdate(opened.current, table, own);
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

/** What one who updates again and again remembers in between. */
export interface Session extends UpdateBundleOptions {
  /** Monitors of the model with this digest. */
  readonly watched: { readonly digest: string; readonly monitors: Updated["monitors"] } | null;
  /** Old rows for a bundle without a store; new ones are added to it. */
  readonly memory: MemoryRows | null;
}

const NOTHING_SEEN = { watched: null, memory: null };

/** One of many updates. @throws as `updateBundle`. */
export async function updateStep(
  folder: string,
  batch: Batch,
  options: Session,
): Promise<{ readonly report: UpdateReport; readonly watched: Session["watched"] }> {
  const lock = await lockBundle(folder);
  try {
    const opened = await openForUpdate(folder);
    const { table, nDropped, whole } = tableOfBatch(opened.bundle, batch);
    const own = await optionsOf(folder, opened, options);
    const updated = await update(opened.current, table, own);
    const { executor } = options;
    const written = await commit(folder, opened, batch, { updated, nRows: table.y.length, lock });
    if (updated.warnings.length === 0) {
      const { experts } = updated.prediction.routes[0]!;
      if (opened.store === null) options.memory?.add(table, experts, updated.laws);
      else {
        const store = await moveStored(opened.store, opened.current, updated, executor);
        const { sha256 } = batch;
        const { laws } = updated;
        await appendRows(store, { table: whole, regimes: experts, sha256, laws });
        await writeMonitors(store, written.digest, updated.monitors);
      }
    }
    const counts = { nDropped, nRows: table.y.length };
    const report = { ...reportUpdate(opened.bundle, updated, written), ...counts };
    return { report, watched: { digest: written.digest, monitors: updated.monitors } };
  } finally {
    await lock.release();
  }
}

async function optionsOf(
  folder: string,
  { bundle, store }: OpenedBundle,
  { executor, seed, watched, memory, decide = {} }: Session,
): Promise<UpdateOptions> {
  const { digest } = bundle;
  const remembered = watched?.digest === digest ? watched.monitors : null;
  const monitors = remembered ?? (await readMonitors(store, digest));
  return {
    executor,
    seed,
    decide,
    old: store === null ? memory : oldRowsOf(store),
    retired: (m) => retiredExperts(folder, bundle, m),
    bins: await readBins(store, bundle),
    ...(monitors === null ? {} : { monitors }),
  };
}

/** Rows with a target: as the model sees them, and with all columns. */
function tableOfBatch(
  { model }: Bundle,
  { table }: Batch,
): { readonly table: TrainingTable; readonly nDropped: number; readonly whole: Table } {
  const { name } = model.preprocessing.target;
  const selected = selectTarget(table, name, { minRows: 1, allowConstant: true });
  const { features, y, nDropped } = selected;
  const columns = [...features.columns, { type: "number" as const, name, values: y }];
  return { table: selected, nDropped, whole: { nRows: y.length, columns } };
}

interface Committed {
  readonly version: number;
  readonly digest: string;
  readonly hashes: readonly (readonly string[])[];
}

/** The next version, if anything was replaced. */
async function commit(
  folder: string,
  { bundle }: OpenedBundle,
  batch: Batch,
  {
    updated,
    nRows,
    lock,
  }: { readonly updated: Updated; readonly nRows: number; readonly lock: Lock },
): Promise<Committed> {
  const { version, digest, manifest } = bundle;
  const hashesOf = ({ members }: Bundle["manifest"]): Committed["hashes"] =>
    members.map(({ experts }) => experts.map(({ blob }) => blob));
  if (!updated.isChanged) return { version, digest, hashes: hashesOf(manifest) };
  const { model, experts, explanation, nTrain } = updated.current;
  const record: UpdateRecord = {
    fromVersion: version,
    dataName: batch.name,
    dataSha256: batch.sha256,
    nRows,
    rowsRead: updated.rowsRead,
    decisions: updated.outcomes.map(({ id, action, why }) => ({ expert: id, action, why })),
  };
  const facts: BundleFacts = {
    provenance: { ...manifest.provenance, nTrain },
    experts,
    update: record,
  };
  const content = { model, facts, ...(explanation === null ? {} : { explanation }) };
  const written = await writeBundle(folder, content, { keepVersions: true, lock });
  return { ...written, hashes: hashesOf(written.manifest) };
}

/** Old rows of experts whose scores have changed go where the new model sends them. */
async function moveStored(
  store: RowStore,
  current: OpenedBundle["current"],
  { affected, current: next }: Updated,
  { engine }: Executor,
): Promise<RowStore> {
  let moved = store;
  const isRegated = next.model.members[0]!.mixture.gate !== current.model.members[0]!.mixture.gate;
  for (const k of isRegated ? affected[0]! : []) {
    const rows = (await readRegime(moved, k)).filter(({ isOutdated }) => !isOutdated);
    if (rows.length === 0) continue;
    const { routes } = predict(engine, next.model, tableOf(moved.state, rows));
    const { experts } = routes[0]!;
    for (const to of new Set(experts)) {
      const leaving = rows.filter((_, i) => experts[i] === to && to !== k);
      moved = await moveRows(moved, leaving, to);
    }
  }
  return moved;
}

function reportDecision(decision: Decision): DecisionReport {
  const { rows, staying, source, member, expert, id, ...rest } = decision;
  return { expert: id, ...rest, nLearning: rows.length };
}

function reportUpdate(
  { version: versionBefore, manifest }: Bundle,
  updated: Updated,
  { version, digest, hashes }: Committed,
): Omit<UpdateReport, "nDropped" | "nRows"> {
  const changes = hashes.map((member, m) =>
    member.map((after, k) => {
      const before = manifest.members[m]!.experts[k]?.blob ?? null;
      return { id: `m${m}.e${k}`, before, after };
    }),
  );
  const isAffected = (m: number, k: number): boolean => updated.affected[m]!.includes(k);
  const { warnings, change, rowsRead, cost, outcomes } = updated;
  return {
    versionBefore,
    version,
    digest,
    warnings,
    affected: changes.flatMap((list, m) => list.filter((_, k) => isAffected(m, k))),
    unaffected: changes.flatMap((list, m) => list.filter((_, k) => !isAffected(m, k))),
    change,
    rowsRead,
    cost,
    decisions: outcomes.map(({ verified, nLearnt: _, isNewLaw: __, ...decision }) => ({
      ...reportDecision(decision),
      verified,
    })),
  };
}
