/** Monitors and bins of inputs, kept beside a store from one update to the next. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readTextFile, writeError, writeFileAtomic } from "../../shared/files.ts";
import { parseJson } from "../../shared/json.ts";
import { corruptStore } from "../store/index.ts";
import { MEASURED } from "./dependence.ts";
import { type MeanTest, N_CAPITALS } from "./e-process.ts";
import type { ExpertMonitor } from "./monitor.ts";
import type { Bins } from "./two-sample.ts";
import type { Monitors } from "./watch-member.ts";

/** How the inputs of an expert's rows lie, by its blob. */
export type KnownBins = Readonly<Record<string, readonly Bins[]>>;

const INPUTS = "inputs.json";
const MONITORS = "monitors.json";
const MAX_BYTES = 500_000_000;

const numbers = z.array(z.number());
const binsSchema = z.object({ edges: numbers, counts: numbers });
const inputsSchema = z.record(z.string(), z.array(binsSchema));

/** JSON has no −∞, with which evidence begins. */
const logSchema = z.union([
  z.number(),
  z.literal("-Infinity").transform(() => Number.NEGATIVE_INFINITY),
]);
const meanTestSchema = z.object({
  bound: z.number(),
  count: z.number(),
  logCapital: z.array(logSchema).length(N_CAPITALS),
  logBest: numbers,
  bestStart: numbers,
});
const dependenceSchema = z.object({
  clip: z.number(),
  latest: numbers,
  pairs: numbers.length(MEASURED.length),
  sums: numbers.length(MEASURED.length),
});
const monitorSchema: z.ZodType<ExpertMonitor> = z.object({
  reference: z.object({
    nSamples: z.number(),
    meanError: z.number(),
    meanSquare: z.number(),
    errorOfMean: z.number(),
    errorOfSquare: z.number(),
  }),
  nCovered: z.number(),
  nNovel: z.number(),
  nTried: z.number().default(0),
  squared: meanTestSchema,
  above: meanTestSchema,
  below: meanTestSchema,
  novelty: meanTestSchema,
  dependence: z.object({
    errors: dependenceSchema,
    sizes: dependenceSchema,
    strangeness: dependenceSchema,
  }),
  inputs: z.array(z.object({ bins: binsSchema, seen: numbers, logOdds: z.number() })).nullable(),
});
const monitorsSchema = z.object({
  versions: z.array(
    z.object({
      digest: z.string(),
      batch: z.string(),
      monitors: z.array(z.array(monitorSchema)),
    }),
  ),
});

/** Monitors of a version's experts, and the batch that they saw last, by its SHA-256. */
export interface WatchedVersion {
  readonly digest: string;
  readonly batch: string;
  readonly monitors: Monitors;
}

/**
 * Of each expert, by its blob; null where none were kept.
 *
 * @throws STORE_CORRUPT
 */
export async function readBins(
  folder: string,
  blobs: readonly string[],
): Promise<readonly (readonly Bins[] | null)[] | null> {
  if (!existsSync(join(folder, INPUTS))) return null;
  const read = inputsSchema.safeParse(await readJson(folder, INPUTS));
  if (!read.success) throw corruptStore(`${INPUTS}: must hold bins`, read.error);
  return blobs.map((blob) => read.data[blob] ?? null);
}

/** Keeps the bins of a version that is about to be served, beside all others. */
export async function addBins(folder: string, bins: KnownBins): Promise<void> {
  const before = inputsSchema.safeParse(await readJson(folder, INPUTS));
  await writeJson(folder, INPUTS, { ...before.data, ...bins });
}

/**
 * Monitors of the version with this digest; null where none were kept, or in an earlier layout:
 * then watching starts from the beginning.
 *
 * @throws STORE_CORRUPT if the file is no JSON.
 */
export async function readWatched(folder: string, digest: string): Promise<WatchedVersion | null> {
  return watchedOf(await readAllWatched(folder), digest);
}

/** What the version with this digest has seen; null if nothing is kept of it. */
export function watchedOf(
  versions: readonly WatchedVersion[],
  digest: string,
): WatchedVersion | null {
  return versions.find((one) => one.digest === digest) ?? null;
}

/**
 * Keeps what a version has seen, beside that of the served version.
 *
 * @returns All that is kept now.
 * @throws WRITE_FAILED
 */
export async function addWatched(
  folder: string,
  served: WatchedVersion | null,
  next: WatchedVersion,
): Promise<readonly WatchedVersion[]> {
  const versions = served === null || served.digest === next.digest ? [next] : [served, next];
  await writeMonitors(folder, versions);
  return versions;
}

/**
 * Removes monitors of other versions than that with this digest.
 *
 * @param versions - All that is kept until then.
 * @throws WRITE_FAILED
 */
export async function keepWatched(
  folder: string,
  versions: readonly WatchedVersion[],
  digest: string,
): Promise<void> {
  const kept = versions.filter((one) => one.digest === digest);
  if (kept.length === 0) await removeFile(folder, MONITORS);
  else if (kept.length < versions.length) await writeMonitors(folder, kept);
}

/** Removes bins of other experts than those with these blobs. @throws WRITE_FAILED */
export async function keepBins(folder: string, blobs: readonly string[]): Promise<void> {
  const bins = inputsSchema.safeParse(await readJson(folder, INPUTS)).data ?? {};
  const names = Object.keys(bins).filter((blob) => blobs.includes(blob));
  if (names.length === Object.keys(bins).length) return;
  await writeJson(folder, INPUTS, Object.fromEntries(names.map((blob) => [blob, bins[blob]!])));
}

/** Removes all that is kept of a store's versions. @throws WRITE_FAILED */
export async function removeWatched(folder: string): Promise<void> {
  await removeFile(folder, MONITORS);
  await removeFile(folder, INPUTS);
}

/** Of all versions that are kept; none where the file is of an earlier layout. */
export async function readAllWatched(folder: string): Promise<readonly WatchedVersion[]> {
  const { data } = monitorsSchema.safeParse(await readJson(folder, MONITORS));
  return data?.versions ?? [];
}

async function removeFile(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  try {
    await rm(path, { force: true });
  } catch (cause) {
    throw writeError(path, cause);
  }
}

/** Where a test has seen no value, its money in play is 0, of which JSON has no logarithm. */
async function writeMonitors(folder: string, versions: readonly WatchedVersion[]): Promise<void> {
  const inJson = (test: MeanTest) => ({ ...test, logCapital: test.logCapital.map(logInJson) });
  const content = versions.map(({ monitors, ...version }) => ({
    ...version,
    monitors: monitors.map((experts) =>
      experts.map(({ squared, above, below, novelty, ...monitor }) => ({
        ...monitor,
        squared: inJson(squared),
        above: inJson(above),
        below: inJson(below),
        novelty: inJson(novelty),
      })),
    ),
  }));
  await writeJson(folder, MONITORS, { versions: content });
}

function logInJson(log: number): number | "-Infinity" {
  return log === Number.NEGATIVE_INFINITY ? "-Infinity" : log;
}

async function writeJson(folder: string, name: string, content: unknown): Promise<void> {
  await writeFileAtomic(join(folder, name), `${JSON.stringify(content)}\n`);
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
  return parseJson(text, (cause) => corruptStore(`${name}: must be JSON`, cause));
}
