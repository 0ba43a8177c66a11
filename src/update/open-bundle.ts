/** What an update reads from a bundle's folder: model, store, and experts of other versions. */
import { existsSync } from "node:fs";
import { type Bundle, listVersions, manifestOf, readBundle, readExperts } from "../bundle/index.ts";
import type { Current, KnownExpert } from "./current.ts";
import {
  countTraining,
  type OldRows,
  openStore,
  type RowStore,
  readTraining,
  removeLeftovers,
  settleRows,
  storeFolder,
} from "./store/index.ts";

export interface OpenedBundle {
  readonly bundle: Bundle;
  readonly current: Current;
  /** null if no rows were kept. */
  readonly store: RowStore | null;
}

/** @throws as `readBundle` and `openStore`. */
export async function openForUpdate(folder: string): Promise<OpenedBundle> {
  const bundle = await readBundle(folder);
  const path = storeFolder(folder);
  const store = existsSync(path) ? await openStore(path) : null;
  return { bundle, current: currentOf(bundle), store };
}

/**
 * The same for a caller that holds the bundle's lock, after what a killed update or forgetting left
 * is gone: the store's rows are those of the served version. @throws as `openForUpdate`.
 */
export async function openSettled(folder: string): Promise<OpenedBundle> {
  const opened = await openForUpdate(folder);
  if (opened.store === null) return opened;
  const store = await settleRows(opened.store, opened.bundle.digest);
  await removeLeftovers(store);
  return { ...opened, store };
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
