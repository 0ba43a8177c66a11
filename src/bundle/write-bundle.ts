/**
 * Writes a bundle so that a kill or a full disk at any moment leaves the old version complete.
 *
 * Writes the blobs, then the manifest that names them, then the card, and last CURRENT by an atomic
 * rename. Readers use the old files before the rename and the new files after it; then the old
 * files are removed. One process may write a bundle at a time (lock.ts); any number may read it.
 */
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode, writeError, writeFileAtomic } from "../shared/files.ts";
import { makeFolder, prepareOutputFolder } from "../shared/folders.ts";
import { sha256 } from "../shared/hash.ts";
import type { Lock } from "../shared/lock.ts";
import { BLOBS, blobFile, CARD, CURRENT, VERSIONS, versionFile, versionOf } from "./layout.ts";
import { removeTemporary, removeVersions } from "./leftovers.ts";
import { linkInBundle } from "./links.ts";
import { lockBundleFolder } from "./lock.ts";
import { digestOf } from "./manifest.ts";
import { renderCard } from "./model-card.ts";
import { type BundleContent, type PackedBundle, packBundle } from "./pack-bundle.ts";
import { type Bundle, readVersion } from "./read-bundle.ts";
import type { Manifest } from "./schema.ts";

export interface WriteBundleOptions {
  /** ISO 8601. Default: now. Only this may differ between writes of the same content. */
  readonly createdAt?: string;
  /** Keep earlier versions and their blobs. Default: they are removed. */
  readonly keepVersions?: boolean;
  /** Write into a folder that holds something else. */
  readonly force?: boolean;
  /** The bundle's lock, if the caller holds it. Default: the write takes it. */
  readonly lock?: Lock;
  /** Called with the new version before any of it is written. */
  readonly beforeServed?: (next: WrittenBundle) => Promise<void>;
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
 * @throws WRITE_FAILED if the system refuses a write; the existing bundle is still complete.
 */
export async function writeBundle(
  folder: string,
  content: BundleContent,
  options: WriteBundleOptions = {},
): Promise<WrittenBundle> {
  const { createdAt = today(), keepVersions = false, force = false, lock, beforeServed } = options;
  const packed = packBundle(content, createdAt);
  const taken = lock === undefined ? await lockBundleFolder(folder) : null;
  try {
    await prepareFolder(folder, force);
    const { manifest } = packed;
    const version = await nextVersion(folder);
    const next = { version, digest: digestOf(manifest), manifest };
    await beforeServed?.(next);
    await writeVersion(folder, version, packed);
    if (keepVersions) await removeTemporary(folder);
    else await removeVersions(folder, (other) => other !== version);
    return next;
  } catch (cause) {
    throw writeError(folder, cause);
  } finally {
    await taken?.release();
  }
}

/**
 * Serves another version of the bundle. The caller must hold the bundle's lock.
 *
 * @throws BUNDLE_CORRUPT if that version cannot be read; the served version stays. WRITE_FAILED
 */
export async function switchVersion(folder: string, version: number): Promise<Bundle> {
  const bundle = await readVersion(folder, version);
  await writeFileAtomic(join(folder, CARD), renderCard(bundle.manifest));
  await writeFileAtomic(join(folder, CURRENT), `${version}\n`);
  await removeTemporary(folder);
  return bundle;
}

/** This order keeps the old bundle complete. */
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

/** Whether this blob exists already, with the same content; then it is not written again. */
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
  await makeFolder(folder);
  await checkBundleFolder(folder, { force });
  for (const name of [BLOBS, VERSIONS]) await makeFolder(join(folder, name));
}

/**
 * Checks that a folder may become a bundle, for a caller that holds its lock.
 *
 * @throws OUTPUT_OCCUPIED if it holds something else and `force` is not given, or a link in the
 *   place of a bundle's file.
 */
export async function checkBundleFolder(
  folder: string,
  { force = false }: { readonly force?: boolean | undefined } = {},
): Promise<void> {
  const names = await readdir(folder);
  // A write starts with the blobs: a folder without blobs, or with only README.md, is not a bundle.
  const ours = names.includes(BLOBS) ? [CURRENT, VERSIONS, BLOBS, CARD] : [];
  await prepareOutputFolder(folder, { force, ours });
  const link = await linkInBundle(folder);
  if (link === null) return;
  const message = `${join(folder, link)} must be no symbolic link: nothing is written through one`;
  throw new BailiwickError("OUTPUT_OCCUPIED", message, { path: join(folder, link) });
}

/** One more than every existing version, served or not: a rolled back version keeps its number. */
async function nextVersion(folder: string): Promise<number> {
  const names = await readdir(join(folder, VERSIONS));
  return 1 + Math.max(0, ...names.map((name) => versionOf(name) ?? 0));
}
