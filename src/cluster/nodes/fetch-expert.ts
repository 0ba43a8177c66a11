/** From a hash to an expert: from the node's folder, else from the fabric. */
import { join } from "node:path";
import { readLooseExpert } from "../../bundle/index.ts";
import type { Expert } from "../../experts/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { readFileChecked, writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import { sha256 } from "../../shared/hash.ts";
import type { Fabric } from "../fabric/index.ts";

const MAX_BYTES = 1 << 30;

/**
 * @param folder - Where blobs are kept between starts; nowhere if null.
 * @throws EXPERT_UNAVAILABLE if the fabric has no expert of this hash; BLOB_CORRUPT or
 *   BUNDLE_CORRUPT if its content does not match the hash.
 */
export async function fetchExpert(
  fabric: Fabric,
  folder: string | null,
  hash: string,
): Promise<Expert> {
  const entry = await (await fabric.bucket("experts")).get(hash);
  if (entry === null) throw unpublished(hash);
  const kept = folder === null ? null : await readKept(folder, hash);
  const blob = kept ?? (await fabric.blobs.get(hash));
  if (blob === null) throw unpublished(hash);
  const expert = readLooseExpert(new TextDecoder().decode(entry.value), blob);
  if (folder !== null && kept === null) {
    await makeFolder(folder);
    await writeFileAtomic(join(folder, hash), blob);
  }
  return expert;
}

function unpublished(hash: string): BailiwickError {
  const message = `expert ${hash.slice(0, 12)} must be published on the fabric, it is not`;
  return new BailiwickError("EXPERT_UNAVAILABLE", message, { hash });
}

/** null also where the file has another hash than its name: then it is fetched again. */
async function readKept(folder: string, hash: string): Promise<Uint8Array | null> {
  try {
    const bytes = await readFileChecked(join(folder, hash), { maxBytes: MAX_BYTES });
    return sha256(bytes) === hash ? bytes : null;
  } catch {
    return null;
  }
}
