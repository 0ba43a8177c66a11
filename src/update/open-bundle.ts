/** What an update reads from a bundle's folder: model, store, and experts of other versions. */
import {
  type Bundle,
  blobsOf,
  listVersions,
  type Manifest,
  manifestOf,
  readBundle,
  readExperts,
  removeVersions,
} from "../bundle/index.ts";
import type { Current, KnownExpert } from "./current.ts";
import {
  countTraining,
  type Journal,
  type OldRows,
  openJournal,
  type RowStore,
  readTraining,
  settled,
  settleJournal,
  storeFolder,
} from "./store/index.ts";
import {
  keepBins,
  keepWatched,
  readAllWatched,
  readWatched,
  removeWatched,
  type WatchedVersion,
  watchedOf,
} from "./watch/index.ts";

export interface OpenedBundle {
  readonly bundle: Bundle;
  readonly current: Current;
  /** null if no rows were kept. */
  readonly store: RowStore | null;
  /** What the served version has seen; null if nothing is kept of it. */
  readonly watched: WatchedVersion | null;
}

/** As a reader sees it: with the rows that the served version knows. @throws as `readBundle`. */
export async function openForUpdate(folder: string): Promise<OpenedBundle> {
  const bundle = await readBundle(folder);
  const path = storeFolder(folder);
  const journal = await openJournal(path);
  const watched = journal === null ? null : await readWatched(path, bundle.digest);
  const state =
    journal === null ? null : settled(journal, isServed(journal, bundle, watched)).state;
  if (state === null) return { bundle, current: currentOf(bundle), store: null, watched: null };
  return { bundle, current: currentOf(bundle), store: { folder: path, state }, watched };
}

/**
 * The same for a caller that holds the bundle's lock, after it has finished or taken back what a
 * killed writer left.
 *
 * @throws as `readBundle` and `openJournal`; WRITE_FAILED
 */
export async function openSettled(folder: string): Promise<OpenedBundle> {
  const bundle = await readBundle(folder);
  const path = storeFolder(folder);
  const journal = await openJournal(path);
  const store = journal === null ? null : await settleStore(folder, bundle, journal);
  const watched = store === null ? null : await readWatched(path, bundle.digest);
  return { bundle, current: currentOf(bundle), store, watched };
}

/**
 * Ends what is pending, by the version that is served. The journal is written last, so that a kill
 * leaves the rest to the next writer.
 *
 * @param kept - What is kept of versions, if the caller has just written that; read if not given.
 */
export async function settleStore(
  folder: string,
  bundle: Pick<Bundle, "digest" | "version">,
  journal: Journal,
  kept?: readonly WatchedVersion[],
): Promise<RowStore | null> {
  const path = storeFolder(folder);
  const { pending } = journal;
  if (pending === null) return settleJournal(path, journal, false);
  const versions = kept ?? (await readAllWatched(path));
  const served = isServed(journal, bundle, watchedOf(versions, bundle.digest));
  const isReplacement = pending.sha256 === null;
  if (served && isReplacement) await removeVersions(folder, (one) => one !== bundle.version);
  if (!served) {
    const { version } = pending;
    await removeVersions(folder, (one) => one === version && one !== bundle.version);
  }
  if (settled(journal, served).state === null) await removeWatched(path);
  else {
    await keepWatched(path, versions, bundle.digest);
    // No other version is left that knows other experts.
    if (served && isReplacement) {
      await keepBins(path, blobsOf(await manifestOf(folder, bundle.version)));
    }
  }
  return settleJournal(path, journal, served);
}

/** Whether the bundle serves the pending version, and has seen the batch that it learns. */
function isServed(
  { pending }: Journal,
  { digest }: Pick<Bundle, "digest">,
  watched: WatchedVersion | null,
): boolean {
  if (pending === null || pending.digest !== digest) return false;
  return pending.sha256 === null || watched?.batch === pending.sha256;
}

export function currentOf({ model, manifest, explanation }: Bundle): Current {
  const experts = manifest.members.map((member) =>
    member.experts.map(({ share, residuals }) => ({ share, residuals })),
  );
  return { model, experts, explanation, nTrain: manifest.provenance.nTrain };
}

export function oldRowsOf(store: RowStore): OldRows {
  return { counts: countTraining(store), read: (regime) => readTraining(store, regime) };
}

/** The manifests of all versions by their numbers, in ascending order. */
export type Lineage = ReadonlyMap<number, Manifest>;

/** The served version's manifest is not read again. @throws as `readBundle`. */
export async function readLineage(folder: string, { version, manifest }: Bundle): Promise<Lineage> {
  const lineage = new Map<number, Manifest>();
  for (const one of (await listVersions(folder)).toReversed()) {
    lineage.set(one, one === version ? manifest : await manifestOf(folder, one));
  }
  return lineage;
}

/** Of this many other versions, the experts are tried on a new law. */
const MAX_VERSIONS = 8;

/**
 * Experts of other versions that do not serve now, of one member; each once, the latest first.
 * Versions that have learnt the batch with this hash are left out: on its rows they are no test.
 */
export async function retiredExperts(
  folder: string,
  { version, manifest }: Bundle,
  m: number,
  { lineage, sha256 }: { readonly lineage: Lineage; readonly sha256: string },
): Promise<readonly KnownExpert[]> {
  const listed = new Set(manifest.members[m]!.experts.map(({ blob }) => blob));
  const isNew = ({ blob }: { readonly blob: string }, member: number): boolean => {
    if (member !== m || listed.has(blob)) return false;
    listed.add(blob);
    return true;
  };
  const retired: KnownExpert[] = [];
  const learnt = versionsThatLearnt(lineage, sha256);
  const others = [...lineage.keys()]
    .toReversed()
    .filter((other) => other !== version && !learnt.has(other));
  for (const other of others.slice(0, MAX_VERSIONS)) {
    for (const { entry, expert } of await readExperts(folder, lineage.get(other)!, isNew)) {
      const { id, share, residuals, range = null } = entry;
      const name = `${id} of version ${other}`;
      retired.push({ name, expert, report: { share, residuals }, range });
    }
  }
  return retired;
}

/** Versions that have learnt the batch with this hash, and which of their line learnt it. */
export function versionsThatLearnt(lineage: Lineage, sha256: string): ReadonlyMap<number, number> {
  const learnt = new Map<number, number>();
  for (const [version, { update }] of lineage) {
    if (update === undefined) continue;
    const earlier = learnt.get(update.fromVersion);
    if (update.dataSha256 === sha256) learnt.set(version, version);
    else if (earlier !== undefined) learnt.set(version, earlier);
  }
  return learnt;
}
