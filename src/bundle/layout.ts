/**
 * The files of a bundle's folder, and their size limits.
 *
 *   CURRENT              the number of the version that is served, and a line feed
 *   versions/<n>.json    the manifest of version n
 *   blobs/<sha256>       parameters of one expert or one gate, named by their content
 *   README.md            the model card, for people; never read
 */
export const CURRENT = "CURRENT";
export const VERSIONS = "versions";
export const BLOBS = "blobs";
export const CARD = "README.md";

export const MAX_MANIFEST_BYTES = 64_000_000;
export const MAX_BLOB_BYTES = 512_000_000;
/** Limit of all parameters of a model; a blob that is named twice counts twice. */
export const MAX_MODEL_BYTES = 2_000_000_000;
/** A version's number has at most nine digits. */
export const MAX_CURRENT_BYTES = 10;

const VERSION_FILE = /^([1-9]\d{0,8})\.json$/;

export function versionFile(version: number): string {
  return `${VERSIONS}/${version}.json`;
}

export function blobFile(hash: string): string {
  return `${BLOBS}/${hash}`;
}

/** The version of a file in `versions/`; null if the file name is not a version's. */
export function versionOf(name: string): number | null {
  const digits = VERSION_FILE.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}
