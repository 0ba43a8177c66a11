/**
 * Writing a bundle so that a kill or a full disk at any moment leaves the old one whole.
 *
 * First the blobs, then the manifest that names them, then the card, and last CURRENT by an atomic
 * rename: until then nobody looks at the new files, and after it nobody at the old ones, which are
 * then removed. One process may write a bundle at a time (lock.ts); any number may read it.
 */
import { lstat, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import {
  hasCode,
  prepareOutputFolder,
  TEMPORARY_NAME,
  writeError,
  writeFileAtomic,
} from "../shared/files.ts";
import { sha256 } from "../shared/hash.ts";
import type { Lock } from "../shared/lock.ts";
import { BLOBS, blobFile, CARD, CURRENT, VERSIONS, versionFile, versionOf } from "./layout.ts";
import { lockBundleFolder } from "./lock.ts";
import { digestOf } from "./manifest.ts";
import { renderCard } from "./model-card.ts";
import { type BundleContent, type PackedBundle, packBundle } from "./pack-bundle.ts";
import { type Bundle, readVersion } from "./read-bundle.ts";
import type { Manifest } from "./schema.ts";

export interface WriteBundleOptions {
  /** ISO 8601; now if not given. The only thing that may differ between writes of one content. */
  readonly createdAt?: string;
  /** Leave earlier versions and their blobs in place; they are removed if not. */
  readonly keepVersions?: boolean;
  /** Write into a folder that holds something else. */
  readonly force?: boolean;
  /** The bundle's lock, where the caller holds it; it is taken for the write if left out. */
  readonly lock?: Lock;
}

export interface WrittenBundle {
  readonly version: number;
  readonly digest: string;
  readonly manifest: Manifest;
}

/**
 * Writes a model to `folder`: a new bundle, or the next version of the bundle that is there.
 *
 * @throws OUTPUT_OCCUPIED if the folder holds something else and `force` is not set.
 * @throws INVALID_OPTION or SHAPE_MISMATCH if the content could not be read back; then nothing is
 *   written.
 * @throws BUNDLE_BUSY if another process writes the bundle.
 * @throws WRITE_FAILED if the system refuses a write; the bundle that was there is still whole.
 */
export async function writeBundle(
  folder: string,
  content: BundleContent,
  { createdAt = today(), keepVersions = false, force = false, lock }: WriteBundleOptions = {},
): Promise<WrittenBundle> {
  const packed = packBundle(content, createdAt);
  const taken = lock === undefined ? await lockBundleFolder(folder) : null;
  try {
    await prepareFolder(folder, force);
    const version = await nextVersion(folder);
    await writeVersion(folder, version, packed);
    await removeLeftovers(folder, keepVersions ? null : { version, blobs: packed.blobs });
    const { manifest } = packed;
    return { version, digest: digestOf(manifest), manifest };
  } catch (cause) {
    throw writeError(folder, cause);
  } finally {
    await taken?.release();
  }
}

/**
 * Serves another version that the bundle has kept. The caller must hold the bundle's lock.
 *
 * @throws BUNDLE_CORRUPT if it cannot be read whole; the version that is served stays. WRITE_FAILED
 */
export async function switchVersion(folder: string, version: number): Promise<Bundle> {
  const bundle = await readVersion(folder, version);
  await writeFileAtomic(join(folder, CARD), renderCard(bundle.manifest));
  await writeFileAtomic(join(folder, CURRENT), `${version}\n`);
  return bundle;
}

/** The order is what keeps the old bundle whole. */
async function writeVersion(
  folder: string,
  version: number,
  { manifest, text, blobs }: PackedBundle,
): Promise<void> {
  for (const [hash, bytes] of blobs) {
    const path = join(folder, blobFile(hash));
    if (!(await isWhole(path, hash))) await writeFileAtomic(path, bytes);
  }
  await writeFileAtomic(join(folder, versionFile(version)), text);
  await writeFileAtomic(join(folder, CARD), renderCard(manifest));
  await writeFileAtomic(join(folder, CURRENT), `${version}\n`);
}

/** Whether an earlier version has left this very blob: it need not be written again. */
async function isWhole(path: string, hash: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isFile()) return false;
    return sha256(await readFile(path)) === hash;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

async function prepareFolder(folder: string, force: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  // A write starts with the blobs: a folder without them is not ours, a lone README.md is not ours.
  const ours = names.includes(BLOBS) ? [CURRENT, VERSIONS, BLOBS, CARD] : [];
  await prepareOutputFolder(folder, { force, ours });
  for (const name of [BLOBS, VERSIONS]) {
    const path = join(folder, name);
    await mkdir(path, { recursive: true });
    if (!(await lstat(path)).isDirectory()) {
      const message = `${path} must be a folder, found a link or a file`;
      throw new BailiwickError("OUTPUT_OCCUPIED", message, { path });
    }
  }
}

/** One more than any version that is there, served or not: a rolled back one keeps its number. */
async function nextVersion(folder: string): Promise<number> {
  const names = await readdir(join(folder, VERSIONS));
  return 1 + Math.max(0, ...names.map((name) => versionOf(name) ?? 0));
}

/** Removes what killed writers left, and all that is not `keep`, if given. Nothing of others'. */
async function removeLeftovers(
  folder: string,
  keep: { readonly version: number; readonly blobs: ReadonlyMap<string, unknown> } | null,
): Promise<void> {
  await removeWhere(folder, () => false);
  await removeWhere(join(folder, VERSIONS), (name) => {
    const version = versionOf(name);
    return keep !== null && version !== null && version !== keep.version;
  });
  await removeWhere(join(folder, BLOBS), (name) => {
    return keep !== null && /^[0-9a-f]{64}$/.test(name) && !keep.blobs.has(name);
  });
}

async function removeWhere(folder: string, isOld: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(folder)) {
    if (TEMPORARY_NAME.test(name) || isOld(name)) await rm(join(folder, name), { force: true });
  }
}
