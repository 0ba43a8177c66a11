/**
 * Data sets that go by a name: those in `datasets/`, each with a descriptor, and a mirror's.
 *
 * A mirror is a folder with `catalogue.json` and, for each set, a folder with `data.csv.gz` and
 * `splits.txt.gz`. The package holds the sha256 of both for the sets that it knows
 * (`datasets/mirror/checksums.json`), so that splits are never used with other data than theirs.
 * A set of the package may have published splits too: they lie in the mirror, its descriptor
 * binds them.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";

/** The package's own data sets: beside src/ and beside dist/. */
const OWN_FOLDER = fileURLToPath(new URL("../../datasets/", import.meta.url));
const CHECKSUMS = join(OWN_FOLDER, "mirror", "checksums.json");
const MAX_DESCRIPTOR_BYTES = 1_000_000;

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const descriptorSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  origin: z.string(),
  licence: z.string(),
  address: z.string(),
  file: z.string().regex(/^[\w.-]+$/),
  sha256: sha256Schema,
  target: z.string(),
  group: z.string().nullable(),
  categorical: z.array(z.string()),
  drop: z.array(z.strictObject({ column: z.string(), why: z.string() })),
  nRows: z.int(),
  nFeatures: z.int(),
  note: z.string(),
  splits: z.strictObject({ sha256: sha256Schema }).optional(),
});

const checksumsSchema = z.record(
  z.string(),
  z.strictObject({ data: sha256Schema, splits: sha256Schema }),
);

const mirrorEntrySchema = z.looseObject({
  name: z.string().regex(/^[\w-]+$/),
  rows: z.int(),
  features: z.int(),
  target: z.string(),
  origin: z.string(),
  group: z.string().nullable(),
  categorical: z.array(z.string()),
});

/** A data set that can be opened by its name. */
export interface Dataset {
  readonly name: string;
  readonly title: string;
  readonly where: "package" | "mirror";
  readonly nRows: number;
  /** As its catalogue counts them; a mirror's may count the group. */
  readonly nFeatures: number;
  readonly target: string;
  readonly group: string | null;
  readonly categorical: readonly string[];
  readonly drop: readonly { readonly column: string; readonly why: string }[];
  readonly dataPath: string;
  /** Of the data file; null for a mirror's set that the package does not know. */
  readonly sha256: string | null;
  /** Its published splits; null if there are none. */
  readonly splits: { readonly path: string; readonly sha256: string | null } | null;
}

export interface CatalogueOptions {
  readonly mirror?: string | undefined;
}

/** The package's sets, then the mirror's, each by name; a name of both is the package's. */
export async function listDatasets({ mirror }: CatalogueOptions = {}): Promise<readonly Dataset[]> {
  const own = await ownDatasets(mirror);
  const names = new Set(own.map(({ name }) => name));
  const more = mirror === undefined ? [] : await mirrorDatasets(mirror);
  return [...own, ...more.filter(({ name }) => !names.has(name))];
}

/** @throws DATASET_UNKNOWN naming the nearest. */
export async function findDataset(name: string, options: CatalogueOptions = {}): Promise<Dataset> {
  const datasets = await listDatasets(options);
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  const names = datasets.map((dataset) => dataset.name);
  const mirrorHint = options.mirror === undefined ? " (BAILIWICK_DATA names no mirror)" : "";
  throw new BailiwickError(
    "DATASET_UNKNOWN",
    `"${name}" must be a file or a data set's name; ` +
      `the nearest name is "${closest(name, names)}"${mirrorHint}`,
    { name },
  );
}

async function ownDatasets(mirror: string | undefined): Promise<readonly Dataset[]> {
  const files = (await readdir(OWN_FOLDER)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(files.map((file) => readDescriptor(join(OWN_FOLDER, file), mirror)));
}

async function readDescriptor(path: string, mirror: string | undefined): Promise<Dataset> {
  const { splits, ...descriptor } = await readJson(path, descriptorSchema);
  const bound = mirror !== undefined && splits !== undefined;
  return {
    ...descriptor,
    where: "package",
    dataPath: join(OWN_FOLDER, descriptor.file),
    splits: bound ? splitsIn(mirror, descriptor.name, splits.sha256) : null,
  };
}

async function mirrorDatasets(mirror: string): Promise<readonly Dataset[]> {
  const entries = await readJson(join(mirror, "catalogue.json"), z.array(mirrorEntrySchema));
  const checksums = await readJson(CHECKSUMS, checksumsSchema);
  return entries.map((entry) => {
    const known = Object.hasOwn(checksums, entry.name) ? checksums[entry.name] : undefined;
    return {
      name: entry.name,
      title: entry.origin,
      where: "mirror" as const,
      nRows: entry.rows,
      nFeatures: entry.features,
      target: entry.target,
      group: entry.group,
      categorical: entry.categorical,
      drop: [],
      dataPath: join(mirror, entry.name, "data.csv.gz"),
      sha256: known?.data ?? null,
      splits: splitsIn(mirror, entry.name, known?.splits ?? null),
    };
  });
}

function splitsIn(mirror: string, name: string, sha256: string | null): Dataset["splits"] {
  const path = join(mirror, name, "splits.txt.gz");
  return existsSync(path) ? { path, sha256 } : null;
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readTextFile(path, { maxBytes: MAX_DESCRIPTOR_BYTES });
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BailiwickError(
      "DATA_MALFORMED",
      `${path} must be a catalogue entry`,
      { path },
      cause,
    );
  }
}
