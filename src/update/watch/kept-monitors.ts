/** Monitors and bins of inputs, kept beside a store from one update to the next. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readTextFile, writeError, writeFileAtomic } from "../../shared/files.ts";
import { parseJson } from "../../shared/json.ts";
import { corruptStore } from "../store/index.ts";
import { MEASURED } from "./dependence.ts";
import { N_CAPITALS } from "./e-process.ts";
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
  logBest: z.array(logSchema),
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
  digest: z.string(),
  monitors: z.array(z.array(monitorSchema)),
});

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

export async function writeBins(folder: string, bins: KnownBins): Promise<void> {
  await writeFileAtomic(join(folder, INPUTS), `${JSON.stringify(bins)}\n`);
}

/**
 * Monitors of the model with this digest; null where none were kept, or those of another model, or
 * of an earlier layout: then watching starts from the beginning.
 *
 * @throws STORE_CORRUPT if the file is no JSON.
 */
export async function readMonitors(folder: string, digest: string): Promise<Monitors | null> {
  const read = monitorsSchema.safeParse(await readJson(folder, MONITORS));
  return read.success && read.data.digest === digest ? read.data.monitors : null;
}

export async function writeMonitors(
  folder: string,
  digest: string,
  monitors: Monitors,
): Promise<void> {
  const text = JSON.stringify({ digest, monitors }, (_name, value: unknown) =>
    value === Number.NEGATIVE_INFINITY ? "-Infinity" : value,
  );
  await writeFileAtomic(join(folder, MONITORS), `${text}\n`);
}

/** Removes monitors of another model than that with this digest. @throws WRITE_FAILED */
export async function removeMonitors(folder: string, digest: string): Promise<void> {
  const isCurrent = await readMonitors(folder, digest).then((monitors) => monitors !== null);
  if (isCurrent) return;
  try {
    await rm(join(folder, MONITORS), { force: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  const text = await readTextFile(path, { maxBytes: MAX_BYTES });
  return parseJson(text, (cause) => corruptStore(`${name}: must be JSON`, cause));
}
