/** What an update reads from a bundle's folder: model, store, and experts of other versions. */
import {
  type Bundle,
  blobsOf,
  listVersions,
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
import { keepWatched, readWatched, removeWatched } from "./watch/index.ts";

export interface OpenedBundle {
  readonly bundle: Bundle;
  readonly current: Current;
  /** null if no rows were kept. */
  readonly store: RowStore | null;
}

/** As a reader sees it: with the rows that the served version knows. @throws as `readBundle`. */
export async function openForUpdate(folder: string): Promise<OpenedBundle> {
  const bundle = await readBundle(folder);
  const path = storeFolder(folder);
  const journal = await openJournal(path);
  const { state } =
    journal === null ? { state: null } : settled(journal, await isServed(path, journal, bundle));
  const store = state === null ? null : { folder: path, state };
  return { bundle, current: currentOf(bundle), store };
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
  return { bundle, current: currentOf(bundle), store };
}

/**
 * Ends what is pending, by the version that is served. The journal is written last, so that a kill
 * leaves the rest to the next writer.
 */
export async function settleStore(
  folder: string,
  bundle: Pick<Bundle, "digest" | "version">,
  journal: Journal,
): Promise<RowStore | null> {
  const path = storeFolder(folder);
  const { pending } = journal;
  const served = await isServed(path, journal, bundle);
  if (pending !== null) {
    const isReplacement = pending.sha256 === null;
    if (served && isReplacement) await removeVersions(folder, (one) => one !== bundle.version);
    if (!served) {
      const { version } = pending;
      await removeVersions(folder, (one) => one === version && one !== bundle.version);
    }
    const isKept = settled(journal, served).state !== null;
    const isOnlyVersion = served && isReplacement;
    const blobs = isOnlyVersion ? blobsOf(await manifestOf(folder, bundle.version)) : null;
    if (isKept) await keepWatched(path, bundle.digest, blobs);
    else await removeWatched(path);
  }
  return settleJournal(path, journal, served);
}

/** Whether the bundle serves the pending version, and has seen the batch that it learns. */
async function isServed(
  path: string,
  { pending }: Journal,
  { digest }: Pick<Bundle, "digest">,
): Promise<boolean> {
  if (pending === null || pending.digest !== digest) return false;
  return pending.sha256 === null || (await readWatched(path, digest))?.batch === pending.sha256;
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
  sha256: string,
): Promise<readonly KnownExpert[]> {
  const listed = new Set(manifest.members[m]!.experts.map(({ blob }) => blob));
  const isNew = ({ blob }: { readonly blob: string }, member: number): boolean => {
    if (member !== m || listed.has(blob)) return false;
    listed.add(blob);
    return true;
  };
  const retired: KnownExpert[] = [];
  const learnt = await versionsThatLearnt(folder, sha256);
  const others = (await listVersions(folder)).filter(
    (other) => other !== version && !learnt.has(other),
  );
  for (const other of others.slice(0, MAX_VERSIONS)) {
    for (const { entry, expert } of await readExperts(folder, other, isNew)) {
      const { id, share, residuals, range = null } = entry;
      const name = `${id} of version ${other}`;
      retired.push({ name, expert, report: { share, residuals }, range });
    }
  }
  return retired;
}

/** Versions that have learnt the batch with this hash, and which of their line learnt it. */
export async function versionsThatLearnt(
  folder: string,
  sha256: string,
): Promise<ReadonlyMap<number, number>> {
  const learnt = new Map<number, number>();
  for (const version of (await listVersions(folder)).toReversed()) {
    const { update } = await manifestOf(folder, version);
    if (update === undefined) continue;
    const earlier = learnt.get(update.fromVersion);
    if (update.dataSha256 === sha256) learnt.set(version, version);
    else if (earlier !== undefined) learnt.set(version, earlier);
  }
  return learnt;
}
