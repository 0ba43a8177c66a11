/**
 * Data sets that go by a name: those that come along, and those in a folder of the user's.
 *
 * That folder, a mirror, holds a folder a set with `data.csv.gz` and, where there are published
 * splits, `splits.txt.gz`. Sets that the package has a descriptor of are bound to it by hash, so
 * that splits are never used with other data than theirs; further ones are described by the
 * mirror's own `catalogue.json` and opened as they are.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";
import {
  type MirrorDescriptor,
  mirrorDescriptors,
  OWN_FOLDER,
  type OwnDescriptor,
  ownDescriptors,
  readJson,
} from "./descriptor.ts";

const catalogueSchema = z.array(
  z.looseObject({
    name: z.string().regex(/^[\w-]+$/),
    rows: z.int(),
    features: z.int(),
    target: z.string(),
    origin: z.string(),
    group: z.string().nullable(),
    categorical: z.array(z.string()),
  }),
);
type CatalogueEntry = z.infer<typeof catalogueSchema>[number];

/** A data set that can be opened by its name. */
export interface Dataset {
  readonly name: string;
  readonly title: string;
  readonly where: "package" | "mirror";
  readonly nRows: number;
  /** Columns but for target, group and dropped ones; as counted by a mirror that alone knows it. */
  readonly nFeatures: number;
  readonly target: string;
  readonly group: string | null;
  readonly categorical: readonly string[];
  readonly drop: readonly { readonly column: string; readonly why: string }[];
  readonly dataPath: string;
  /** Of the data file; null for a mirror's set that the package does not know. */
  readonly sha256: string | null;
  /** Of its values, for a file of another packing; null where only one file is known. */
  readonly valuesSha256: string | null;
  /** Its published splits; null if there are none. */
  readonly splits: { readonly path: string; readonly sha256: string | null } | null;
}

export interface CatalogueOptions {
  readonly mirror?: string | undefined;
}

/** The package's sets, then the mirror's, each by name; a name of both is the package's. */
export async function listDatasets(options: CatalogueOptions = {}): Promise<readonly Dataset[]> {
  const names = new Set<string>();
  return (await everyDataset(options)).filter(({ name }) => {
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

/** The same with the mirror's copies of the package's sets. @throws FILE_NOT_FOUND: no mirror. */
export async function everyDataset({ mirror }: CatalogueOptions): Promise<readonly Dataset[]> {
  const [own, known] = await Promise.all([ownDescriptors(), mirrorDescriptors()]);
  const ownSets = own.map((descriptor) => ownDataset(descriptor, known, mirror));
  if (mirror === undefined) return ownSets;
  if (!statSync(mirror, { throwIfNoEntry: false })?.isDirectory()) {
    const message = `BAILIWICK_DATA must name a folder of data sets, ${mirror} is none`;
    throw new BailiwickError("FILE_NOT_FOUND", message, { path: mirror });
  }
  const knownSets = known
    .filter(({ name }) => existsSync(dataPathIn(mirror, name)))
    .map((descriptor) => knownDataset(descriptor, mirror));
  const others = (await catalogueOf(mirror))
    .filter(({ name }) => !known.some((descriptor) => descriptor.name === name))
    .map((entry) => otherDataset(entry, mirror));
  return [...ownSets, ...knownSets, ...others];
}

/** @throws DATASET_UNKNOWN saying how to get it, or naming the nearest. */
export async function findDataset(name: string, options: CatalogueOptions = {}): Promise<Dataset> {
  const datasets = await listDatasets(options);
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  const known = (await mirrorDescriptors()).map((descriptor) => descriptor.name);
  if (known.includes(name)) {
    throw new BailiwickError(
      "DATASET_UNKNOWN",
      `the data of "${name}" must be at hand, it is not: ` +
        `bailiwick data fetch ${name}, or let BAILIWICK_DATA name a folder that holds it`,
      { name },
    );
  }
  const names = [...datasets.map((dataset) => dataset.name), ...known];
  throw new BailiwickError(
    "DATASET_UNKNOWN",
    `"${name}" must be a file or a data set's name; the nearest name is "${closest(name, names)}"`,
    { name },
  );
}

/** Where a set's data lies in a mirror, and where `fetch` puts it. */
export function dataPathIn(mirror: string, name: string): string {
  return join(mirror, name, "data.csv.gz");
}

function ownDataset(
  { splitsOf, ...descriptor }: OwnDescriptor,
  known: readonly MirrorDescriptor[],
  mirror: string | undefined,
): Dataset {
  const twin = known.find(({ name }) => name === splitsOf);
  return {
    ...descriptor,
    where: "package",
    dataPath: join(OWN_FOLDER, descriptor.file),
    valuesSha256: null,
    splits:
      mirror === undefined || twin === undefined
        ? null
        : splitsIn(mirror, twin.name, twin.splits.sha256),
  };
}

function knownDataset(descriptor: MirrorDescriptor, mirror: string): Dataset {
  const { name, splits } = descriptor;
  return {
    ...descriptor,
    where: "mirror",
    drop: [],
    dataPath: dataPathIn(mirror, name),
    splits: splitsIn(mirror, name, splits.sha256),
  };
}

function otherDataset(entry: CatalogueEntry, mirror: string): Dataset {
  const { name, target, group, categorical } = entry;
  return {
    name,
    title: entry.origin,
    where: "mirror",
    nRows: entry.rows,
    nFeatures: entry.features,
    target,
    group,
    categorical,
    drop: [],
    dataPath: dataPathIn(mirror, name),
    sha256: null,
    valuesSha256: null,
    splits: splitsIn(mirror, name, null),
  };
}

async function catalogueOf(mirror: string): Promise<readonly CatalogueEntry[]> {
  const path = join(mirror, "catalogue.json");
  return existsSync(path) ? readJson(path, catalogueSchema) : [];
}

function splitsIn(mirror: string, name: string, sha256: string | null): Dataset["splits"] {
  const path = join(mirror, name, "splits.txt.gz");
  return existsSync(path) ? { path, sha256 } : null;
}
