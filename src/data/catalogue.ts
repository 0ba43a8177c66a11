/**
 * Data sets with a name: those of the package, and those in a folder of the user's.
 *
 * That folder, a mirror, has a folder for each set with `data.csv.gz` and, if there are published
 * splits, `splits.txt.gz`. If the package has a descriptor of a set, hashes bind data and splits to
 * it, so that splits are never used with other data. The mirror's `catalogue.json` describes
 * further sets, which are opened unchecked.
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
  /** Columns without target, group and dropped ones; of a mirror's own set, the mirror's count. */
  readonly nFeatures: number;
  readonly target: string;
  readonly group: string | null;
  readonly categorical: readonly string[];
  readonly drop: readonly { readonly column: string; readonly why: string }[];
  readonly dataPath: string;
  /** Of the data file; null for a mirror's set that has no descriptor. */
  readonly sha256: string | null;
  /** Of its values, for a file of another packing; null where only the file has a hash. */
  readonly valuesSha256: string | null;
  /** Its published splits; null if there are none. */
  readonly splits: { readonly path: string; readonly sha256: string | null } | null;
}

export interface CatalogueOptions {
  readonly mirror?: string | undefined;
}

/** The package's sets, then the mirror's, by name; a name that both have is the package's. */
export async function listDatasets(options: CatalogueOptions = {}): Promise<readonly Dataset[]> {
  const names = new Set<string>();
  return (await everyDataset(options)).filter(({ name }) => {
    if (names.has(name)) return false;
    names.add(name);
    return true;
  });
}

/** The same sets and the mirror's copies of the package's. @throws FILE_NOT_FOUND: no mirror. */
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

/** @throws DATASET_UNKNOWN with the way to get it, or with the nearest name. */
export async function findDataset(name: string, options: CatalogueOptions = {}): Promise<Dataset> {
  const datasets = await listDatasets(options);
  const found = datasets.find((dataset) => dataset.name === name);
  if (found !== undefined) return found;
  const known = (await mirrorDescriptors()).map((descriptor) => descriptor.name);
  if (known.includes(name)) {
    throw new BailiwickError(
      "DATASET_UNKNOWN",
      `the data of "${name}" must be in the package or a mirror, it is not: ` +
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

/** The path of a set's data in a mirror, to which `fetch` writes it. */
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
