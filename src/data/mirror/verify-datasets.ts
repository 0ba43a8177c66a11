/** Compares data sets with their descriptors: hashes, rows, columns, splits. */
import { BailiwickError } from "../../shared/errors.ts";
import {
  type Dataset,
  datasetTypes,
  everyDataset,
  holdsData,
  parseSplits,
  readTable,
  readText,
  selectTarget,
} from "../index.ts";

export interface Verification {
  readonly name: string;
  readonly where: Dataset["where"];
  readonly path: string;
  /** "same values": another packing or text. "unchecked": the package has no hash of it. */
  readonly data: "same" | "same values" | "unchecked" | "differs";
  readonly splits: "same" | "unchecked" | "none" | "differs";
  readonly nRows: { readonly expected: number; readonly found: number };
  /** A mirror's own catalogue may count the group. */
  readonly nFeatures: { readonly expected: number; readonly found: number };
  /** The first difference, in one line; null if there is none. */
  readonly problem: string | null;
}

/**
 * Verifies the package's sets and the mirror's, with the mirror's copies of the package's sets.
 *
 * @param names - All sets if empty.
 * @throws DATASET_UNKNOWN for a name that neither has; FILE_NOT_FOUND without the mirror.
 */
export async function verifyDatasets(
  names: readonly string[],
  mirror: string | undefined,
): Promise<readonly Verification[]> {
  const datasets = await everyDataset({ mirror });
  const absent = names.find((name) => !datasets.some((dataset) => dataset.name === name));
  if (absent !== undefined) {
    const message = `"${absent}" must be an available data set: see bailiwick data list`;
    throw new BailiwickError("DATASET_UNKNOWN", message, { name: absent });
  }
  const wanted = datasets.filter(({ name }) => names.length === 0 || names.includes(name));
  const verifications: Verification[] = [];
  for (const dataset of wanted) verifications.push(await verify(dataset));
  return verifications;
}

type Findings = Pick<Verification, "data" | "splits"> & { nRows: number; nFeatures: number };

async function verify(dataset: Dataset): Promise<Verification> {
  const { name, where, dataPath, nRows, nFeatures } = dataset;
  let found: Findings = { data: "differs", splits: "none", nRows: 0, nFeatures: 0 };
  let problem: string | null;
  try {
    found = await inspect(dataset);
    problem = problemOf(dataset, found);
  } catch (error) {
    if (!(error instanceof BailiwickError)) throw error;
    problem = error.message;
  }
  return {
    name,
    where,
    path: dataPath,
    data: found.data,
    splits: found.splits,
    nRows: { expected: nRows, found: found.nRows },
    nFeatures: { expected: nFeatures, found: found.nFeatures },
    problem,
  };
}

async function inspect(dataset: Dataset): Promise<Findings> {
  const file = await readTable(dataset.dataPath, { types: datasetTypes(dataset) });
  const { group, drop, target } = dataset;
  const { y, features } = selectTarget(file.table, target, {
    drop: drop.map(({ column }) => column),
    ...(group === null ? {} : { group }),
  });
  return {
    data: dataState(dataset, file),
    splits: await splitsState(dataset, file.table.nRows),
    nRows: y.length,
    nFeatures: features.columns.length,
  };
}

function dataState(dataset: Dataset, file: Parameters<typeof holdsData>[1]): Verification["data"] {
  if (dataset.sha256 === null) return "unchecked";
  if (dataset.sha256 === file.sha256) return "same";
  return holdsData(dataset, file) ? "same values" : "differs";
}

async function splitsState({ splits }: Dataset, nRows: number): Promise<Verification["splits"]> {
  if (splits === null) return "none";
  const { text, sha256 } = await readText(splits.path);
  if (splits.sha256 !== null) return splits.sha256 === sha256 ? "same" : "differs";
  parseSplits(text, nRows);
  return "unchecked";
}

function problemOf(dataset: Dataset, found: Findings): string | null {
  if (found.data === "differs") return "its data differs from its descriptor's sha256";
  if (found.splits === "differs") return "its splits differ from its descriptor's sha256";
  if (found.nRows !== dataset.nRows) {
    return `its rows must be ${dataset.nRows}, found ${found.nRows}`;
  }
  const counted = dataset.sha256 !== null;
  return counted && found.nFeatures !== dataset.nFeatures
    ? `its features must be ${dataset.nFeatures}, found ${found.nFeatures}`
    : null;
}
