/**
 * A data set from its origin into a mirror: downloaded, unpacked, checked, and only then written.
 *
 * The bytes of a file depend on the program that wrote it, so that the check compares the values in
 * their order. Published splits, which number the rows, then apply to them.
 */
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { BailiwickError } from "../../shared/errors.ts";
import { writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import {
  canonicalCsv,
  dataPathIn,
  listDatasets,
  type MirrorDescriptor,
  mirrorDescriptors,
  openData,
  valuesSha256,
} from "../index.ts";
import { type DownloadOptions, download } from "./download.ts";
import { followRecipe } from "./recipe.ts";

export interface Fetched {
  readonly name: string;
  /** Nothing was downloaded: the set is part of the package, or was there already and checked. */
  readonly status: "fetched" | "present" | "package";
  readonly path: string;
}

/**
 * @param mirror - Folder to write to; it is made if it does not exist.
 * @throws DATASET_UNKNOWN; and as `fetchDescribed`.
 */
export async function fetchDataset(
  name: string,
  mirror: string,
  options: DownloadOptions = {},
): Promise<Fetched> {
  const listed = (await listDatasets()).find((dataset) => dataset.name === name);
  if (listed !== undefined) return { name, status: "package", path: listed.dataPath };
  const descriptor = (await mirrorDescriptors()).find((known) => known.name === name);
  if (descriptor !== undefined) return fetchDescribed(descriptor, mirror, options);
  throw new BailiwickError(
    "DATASET_UNKNOWN",
    `"${name}" must be a data set that the package describes: see bailiwick data list`,
    { name },
  );
}

/**
 * @throws INVALID_OPTION with what to do, if no recipe can make the table from the origin;
 *   READ_FAILED, DATA_TOO_LARGE as `download`; DATA_MALFORMED as `followRecipe`;
 *   CHECKSUM_MISMATCH if it holds other values; WRITE_FAILED.
 */
export async function fetchDescribed(
  descriptor: MirrorDescriptor,
  mirror: string,
  options: DownloadOptions = {},
): Promise<Fetched> {
  const { name, fetch: recipe, categorical } = descriptor;
  const path = dataPathIn(mirror, name);
  if (await isPresent(name, mirror)) return { name, status: "present", path };
  if ("impossible" in recipe) {
    const message = `${name} cannot be fetched: ${recipe.impossible} (${descriptor.address})`;
    throw new BailiwickError("INVALID_OPTION", message, { name });
  }
  const table = followRecipe(await download(recipe.address, options), recipe, categorical);
  const found = valuesSha256(table);
  if (found !== descriptor.valuesSha256) {
    throw new BailiwickError(
      "CHECKSUM_MISMATCH",
      `the values at ${recipe.address} must have sha256 ${descriptor.valuesSha256}, ` +
        `found ${found} (${table.nRows} rows of ${descriptor.nRows}); nothing was written`,
      { wanted: descriptor.valuesSha256, found },
    );
  }
  await makeFolder(dirname(path));
  await writeFileAtomic(path, gzipSync(canonicalCsv(table)));
  return { name, status: "fetched", path };
}

/** A damaged file, or another set's, is fetched again. */
async function isPresent(name: string, mirror: string): Promise<boolean> {
  try {
    const { dataset } = await openData(name, { mirror });
    return dataset?.where === "mirror";
  } catch (error) {
    if (error instanceof BailiwickError) return false;
    throw error;
  }
}
