/** What an update needs of a bundle's folder: the model, its store, and experts of other versions. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Bundle, listVersions, readBundle, readExperts } from "../bundle/index.ts";
import { readTextFile, writeFileAtomic } from "../shared/files.ts";
import type { Current, KnownExpert } from "./current.ts";
import type { ExpertMonitor } from "./monitor.ts";
import type { OldRows } from "./old-rows.ts";
import {
  countTraining,
  openStore,
  type RowStore,
  readTraining,
  storeFolder,
} from "./store/index.ts";
import type { Bins } from "./two-sample.ts";

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

export function currentOf({ model, manifest, explanation }: Bundle): Current {
  const experts = manifest.members.map((member) =>
    member.experts.map(({ share, residuals }) => ({ share, residuals })),
  );
  return { model, experts, explanation, nTrain: manifest.provenance.nTrain };
}

export function oldRowsOf(store: RowStore | null): OldRows | null {
  if (store === null) return null;
  return { counts: countTraining(store), read: (regime) => readTraining(store, regime) };
}

/** Of so many other versions, the experts are asked whether they know a law. */
const MAX_VERSIONS = 8;

/** Experts of other versions that do not serve now, of one member; each once, the latest first. */
export async function retiredExperts(
  folder: string,
  { version, manifest }: Bundle,
  m: number,
): Promise<readonly KnownExpert[]> {
  const known = new Set(manifest.members[m]!.experts.map(({ blob }) => blob));
  const isNew = ({ blob }: { readonly blob: string }, member: number): boolean => {
    if (member !== m || known.has(blob)) return false;
    known.add(blob);
    return true;
  };
  const retired: KnownExpert[] = [];
  const others = (await listVersions(folder)).filter((other) => other !== version);
  for (const other of others.slice(0, MAX_VERSIONS)) {
    for (const { entry, expert } of await readExperts(folder, other, isNew)) {
      const { id, share, residuals, range = null } = entry;
      const name = `${id} of version ${other}`;
      retired.push({ name, expert, report: { share, residuals }, range });
    }
  }
  return retired;
}

/** How the inputs of an expert's rows lie, by its blob. */
export type KnownBins = Readonly<Record<string, readonly Bins[]>>;

const INPUTS = "inputs.json";
const MONITORS = "monitors.json";
const binsSchema = z.record(
  z.string(),
  z.array(z.object({ edges: z.array(z.number()), counts: z.array(z.number()) })),
);

/** Of each expert of the first member, as far as somebody wrote it down. */
export async function readBins(
  store: RowStore | null,
  { manifest }: Bundle,
): Promise<readonly (readonly Bins[] | null)[] | null> {
  const path = store === null ? "" : join(store.folder, INPUTS);
  if (!existsSync(path)) return null;
  const text = await readTextFile(path, { maxBytes: MAX_MONITOR_BYTES });
  const known = binsSchema.parse(JSON.parse(text));
  return manifest.members[0]!.experts.map(({ blob }) => known[blob] ?? null);
}

export async function writeBins(store: RowStore, bins: KnownBins): Promise<void> {
  await writeFileAtomic(join(store.folder, INPUTS), `${JSON.stringify(bins)}\n`);
}

const MAX_MONITOR_BYTES = 500_000_000;
type Monitors = readonly (readonly ExpertMonitor[])[];

const monitorsSchema = z.object({ digest: z.string(), monitors: z.array(z.array(z.unknown())) });

/** What was seen since this version was made; null if nobody wrote it down, or of another one. */
export async function readMonitors(
  store: RowStore | null,
  digest: string,
): Promise<Monitors | null> {
  if (store === null) return null;
  const path = join(store.folder, MONITORS);
  if (!existsSync(path)) return null;
  const text = await readTextFile(path, { maxBytes: MAX_MONITOR_BYTES });
  const read = monitorsSchema.safeParse(JSON.parse(text, revive));
  if (!read.success || read.data.digest !== digest) return null;
  return read.data.monitors as unknown as Monitors;
}

export async function writeMonitors(
  store: RowStore,
  digest: string,
  monitors: Monitors,
): Promise<void> {
  const path = join(store.folder, MONITORS);
  await writeFileAtomic(path, `${JSON.stringify({ digest, monitors }, replace)}\n`);
}

/** JSON knows no −∞, with which evidence begins. */
function replace(_name: string, value: unknown): unknown {
  return value === Number.NEGATIVE_INFINITY ? "-Infinity" : value;
}

function revive(_name: string, value: unknown): unknown {
  return value === "-Infinity" ? Number.NEGATIVE_INFINITY : value;
}
