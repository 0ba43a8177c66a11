/** From a hash to an expert: from the node's folder, else from the fabric. */
import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { readLooseExpert } from "../../bundle/index.ts";
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import {
  hasCode,
  readFileChecked,
  syncFolder,
  TEMPORARY_NAME,
  writeError,
  writeFileAtomic,
} from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import type { Fabric } from "../fabric/index.ts";

const MAX_BYTES = 1 << 30;
const EXPERT_FILE = /^[0-9a-f]{64}$/;

/** Where a node finds experts. */
export interface ExpertPlaces {
  readonly zone: string;
  /** Where blobs are kept between starts; nowhere if null. */
  readonly folder: string | null;
}

/**
 * @throws EXPERT_UNAVAILABLE if the node's zone has no expert of this hash; BLOB_CORRUPT or
 *   BUNDLE_CORRUPT if its content does not match the hash.
 */
export async function fetchExpert(
  fabric: Fabric,
  { zone, folder }: ExpertPlaces,
  hash: string,
): Promise<Expert> {
  const kept = folder === null ? null : await readKept(folder, hash);
  if (kept !== null) return kept;
  const blob = await fabric.blobs.get(hash, zone);
  if (blob === null) throw unpublished(hash);
  const expert = readLooseExpert(hash, blob);
  if (folder !== null) {
    await makeFolder(folder);
    await writeFileAtomic(join(folder, hash), blob);
  }
  return expert;
}

/**
 * Removes the files of all experts but these, and what a kill has left of writing one.
 *
 * @throws WRITE_FAILED
 */
export async function keepOnly(folder: string | null, hashes: readonly string[]): Promise<void> {
  if (folder === null) return;
  const names = await readdir(folder).catch(noneIfAbsent);
  const gone = names.filter((name) => {
    return TEMPORARY_NAME.test(name) || (EXPERT_FILE.test(name) && !hashes.includes(name));
  });
  if (gone.length === 0) return;
  try {
    for (const name of gone) await unlink(join(folder, name));
    await syncFolder(folder);
  } catch (cause) {
    throw writeError(folder, cause);
  }
}

function noneIfAbsent(error: unknown): readonly string[] {
  if (hasCode(error, "ENOENT")) return [];
  throw error;
}

function unpublished(hash: string): BailiwickError {
  const message = `expert ${hash.slice(0, 12)} must be published on the fabric, it is not`;
  return new BailiwickError("EXPERT_UNAVAILABLE", message, { hash });
}

/** null also where the file is not the expert that its name says: then it is fetched again. */
async function readKept(folder: string, hash: string): Promise<Expert | null> {
  try {
    return readLooseExpert(
      hash,
      await readFileChecked(join(folder, hash), { maxBytes: MAX_BYTES }),
    );
  } catch {
    return null;
  }
}
