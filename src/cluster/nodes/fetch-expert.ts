/** From a hash to an expert: out of the node's own folder, else out of the fabric. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readLooseExpert } from "../../bundle/index.ts";
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Fabric } from "../fabric/index.ts";

const MAX_BYTES = 1 << 30;

/**
 * @param folder - Where blobs are kept between starts; nowhere if null.
 * @throws EXPERT_UNAVAILABLE if the fabric knows none of this hash; BLOB_CORRUPT or BUNDLE_CORRUPT
 *   if what it holds is not what the hash says.
 */
export async function fetchExpert(
  fabric: Fabric,
  folder: string | null,
  hash: string,
): Promise<Expert> {
  const entry = await (await fabric.bucket("experts")).get(hash);
  if (entry === null) throw unknown(hash);
  const kept = folder === null ? null : await readKept(folder, hash);
  const blob = kept ?? (await fabric.blobs.get(hash));
  if (blob === null) throw unknown(hash);
  const expert = readLooseExpert(new TextDecoder().decode(entry.value), blob);
  if (folder !== null && kept === null) {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(join(folder, hash), blob);
  }
  return expert;
}

function unknown(hash: string): BailiwickError {
  const message = `expert ${hash.slice(0, 12)} must be known to the fabric, it is not`;
  return new BailiwickError("EXPERT_UNAVAILABLE", message, { hash });
}

/** null too where the file is not what its name says: it is fetched again. */
async function readKept(folder: string, hash: string): Promise<Uint8Array | null> {
  try {
    const bytes = await readFileChecked(join(folder, hash), { maxBytes: MAX_BYTES });
    return sha256(bytes) === hash ? bytes : null;
  } catch {
    return null;
  }
}
