/**
 * Reads a bundle, which may come from a stranger: every name, size, hash and shape is checked
 * before use, and nothing in the bundle is executed.
 */
import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Expert } from "../experts/index.ts";
import type { Explanation } from "../explain/index.ts";
import type { Model } from "../mixture/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { hasCode, readFileChecked } from "../shared/files.ts";
import { sha256 } from "../shared/hash.ts";
import { assembleExpert, assembleModel } from "./assemble.ts";
import { check, corrupt } from "./corrupt.ts";
import type { ExpertEntry } from "./expert-schema.ts";
import { assembleExplanation } from "./explanation.ts";
import {
  blobFile,
  CURRENT,
  MAX_BLOB_BYTES,
  MAX_CURRENT_BYTES,
  MAX_MANIFEST_BYTES,
  MAX_MODEL_BYTES,
  versionFile,
} from "./layout.ts";
import { linkInBundle } from "./links.ts";
import { digestOf, readManifest } from "./manifest.ts";
import type { Manifest } from "./schema.ts";

export interface Bundle {
  readonly model: Model;
  /** null in a bundle without explanations. */
  readonly explanation: Explanation | null;
  readonly manifest: Manifest;
  /** The number of the served version. */
  readonly version: number;
  /** That it was read from. */
  readonly folder: string;
  /** Equal for equal models and facts, independent of when and where they were written. */
  readonly digest: string;
}

/** How often a read starts again after a writer has switched versions. */
const MAX_ATTEMPTS = 5;

/**
 * Reads the served version of a bundle. While another process writes the bundle, this is the old
 * version or the new one.
 *
 * @throws BUNDLE_NOT_FOUND if `folder` is not a folder or has no CURRENT.
 * @throws BUNDLE_VERSION if a later format wrote it.
 * @throws BUNDLE_CORRUPT if a file is missing, cut, altered, too large or does not fit the others,
 *   or if a name is a symbolic link; the message names the file.
 */
export async function readBundle(folder: string): Promise<Bundle> {
  for (let attempt = 1; ; attempt++) {
    const version = await readCurrent(folder);
    try {
      return await readVersion(folder, version);
    } catch (error) {
      const switched = (await readCurrent(folder)) !== version;
      if (!switched || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** The fingerprint of the bundle in `folder`, after reading all of it. @throws as `readBundle`. */
export async function bundleDigest(folder: string): Promise<string> {
  return (await readBundle(folder)).digest;
}

/** The number of the served version. @throws as `readBundle`. */
export async function readCurrent(folder: string): Promise<number> {
  await checkFolder(folder);
  const text = (await readInside(folder, CURRENT, MAX_CURRENT_BYTES)).toString("latin1");
  check(/^[1-9]\d{0,8}\n$/.test(text), CURRENT, "must hold one version number and a line feed");
  return Number(text);
}

async function checkFolder(folder: string): Promise<void> {
  for (const path of [folder, join(folder, CURRENT)]) {
    try {
      await lstat(path);
    } catch (cause) {
      if (!hasCode(cause, "ENOENT", "ENOTDIR")) throw readError(folder, cause);
      const message = `${folder} must be a bundle's folder, found no ${path}`;
      throw new BailiwickError("BUNDLE_NOT_FOUND", message, { folder }, cause);
    }
  }
  const link = await linkInBundle(folder);
  if (link !== null) throw corrupt(link, "must be no symbolic link");
}

/** The manifest of a version, served or not; its blobs are not read. @throws as `readBundle`. */
export async function manifestOf(folder: string, version: number): Promise<Manifest> {
  const file = versionFile(version);
  return readManifest(await readInside(folder, file, MAX_MANIFEST_BYTES), file);
}

/** A version by its number, served or not. @throws as `readBundle`. */
export async function readVersion(folder: string, version: number): Promise<Bundle> {
  const file = versionFile(version);
  const manifest = await manifestOf(folder, version);
  const blobs = await readBlobs(folder, manifest);
  const blobOf = (hash: string): Uint8Array => blobs.get(hash)!;
  const model = assembleModel(manifest, file, blobOf);
  const explanation = assembleExplanation(manifest, file, blobOf);
  return { model, explanation, manifest, version, folder, digest: digestOf(manifest) };
}

/** An expert of a version, with its entry in the manifest. */
export interface StoredExpert {
  readonly member: number;
  readonly entry: ExpertEntry;
  readonly expert: Expert;
}

/** The experts of a version whose blobs are wanted; no other blob is read. @throws as above. */
export async function readExperts(
  folder: string,
  { members }: Manifest,
  isWanted: (entry: ExpertEntry, member: number) => boolean,
): Promise<readonly StoredExpert[]> {
  const stored: StoredExpert[] = [];
  for (const [member, { experts }] of members.entries()) {
    for (const entry of experts.filter((one) => isWanted(one, member))) {
      const expert = assembleExpert(entry, await readBlob(folder, entry.blob));
      stored.push({ member, entry, expert });
    }
  }
  return stored;
}

async function readBlobs(
  folder: string,
  manifest: Manifest,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const blobs = new Map<string, Uint8Array>();
  let nBytes = 0;
  for (const hash of blobsOf(manifest)) {
    const bytes = blobs.get(hash) ?? (await readBlob(folder, hash));
    blobs.set(hash, bytes);
    nBytes += bytes.length;
    const fits = nBytes <= MAX_MODEL_BYTES;
    check(
      fits,
      blobFile(hash),
      `the model's blobs must be at most ${MAX_MODEL_BYTES} bytes in all`,
    );
  }
  return blobs;
}

/**
 * The hashes that a manifest names: of experts, their novelty, gates, and held-out errors.
 */
export function blobsOf({ members, intervals }: Manifest): readonly string[] {
  const errors = intervals === undefined ? [] : [intervals.pooled, ...intervals.regimes];
  return [
    ...members.flatMap(({ gate, experts }) => [
      ...experts.flatMap(({ blob, explanation }) =>
        explanation === undefined ? [blob] : [blob, explanation.noveltyBlob],
      ),
      ...(gate === null ? [] : [gate.blob]),
      ...(gate?.kind === "svm" ? (gate.refinements ?? []).map(({ blob }) => blob) : []),
    ]),
    ...errors.flatMap((entry) => (entry === null ? [] : [entry.blob])),
  ];
}

/** The bytes of a blob. @throws BUNDLE_CORRUPT if it is missing or altered, READ_FAILED. */
export async function readBlob(folder: string, hash: string): Promise<Uint8Array> {
  const bytes = await readInside(folder, blobFile(hash), MAX_BLOB_BYTES);
  check(sha256(bytes) === hash, blobFile(hash), "must have the content that its name says");
  return bytes;
}

/** A regular file of the bundle. */
async function readInside(folder: string, name: string, maxBytes: number): Promise<Buffer> {
  const path = join(folder, name);
  let stats: Stats;
  try {
    stats = await lstat(path);
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR", "ELOOP")) throw corrupt(name, "must exist", cause);
    throw readError(path, cause);
  }
  check(!stats.isSymbolicLink(), name, "must be no symbolic link");
  check(stats.isFile(), name, "must be a regular file");
  check(stats.size <= maxBytes, name, `must be at most ${maxBytes} bytes, got ${stats.size}`);
  return readFileChecked(path, { maxBytes, missing: "BUNDLE_CORRUPT", tooLarge: "BUNDLE_CORRUPT" });
}

function readError(path: string, cause: unknown): BailiwickError {
  return new BailiwickError("READ_FAILED", `${path} must be readable`, { path }, cause);
}
