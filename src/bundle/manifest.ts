/**
 * The file of a manifest: written, read, and told from an altered one.
 *
 * The last member, `checksum`, binds a manifest to its own bytes: it is the SHA-256 of the file
 * with those 64 digits written as zeros, so every changed byte is detected. A digest, in
 * contrast, covers all but the date and the checksum: a model of equal seed, data and package has
 * the digest it had yesterday.
 */
import type { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";
import { sha256 } from "../shared/hash.ts";
import { check, corrupt, decodeUtf8, parseBundleJson } from "./corrupt.ts";
import { FORMAT_VERSION, type Manifest, manifestSchema } from "./schema.ts";

/** A manifest with the text of its file. */
export interface WrittenManifest {
  readonly manifest: Manifest;
  readonly text: string;
}

const ZEROS = "0".repeat(64);
const CHECKSUM_AT_END = /"checksum": "[0-9a-f]{64}"\n\}\n$/;

/**
 * The file of a manifest, its checksum filled in.
 *
 * @throws INVALID_OPTION if a fact is not as the format demands, a number that is not finite for
 *   example.
 */
export function writeManifest(facts: Omit<Manifest, "checksum">): WrittenManifest {
  const result = manifestSchema.safeParse({ ...facts, checksum: ZEROS });
  if (!result.success) {
    throw new BailiwickError("INVALID_OPTION", `the model's facts: ${firstIssue(result.error)}`);
  }
  const blank = `${JSON.stringify(result.data, null, 2)}\n`;
  const checksum = sha256(blank);
  return { manifest: { ...result.data, checksum }, text: fillChecksum(blank, checksum) };
}

function fillChecksum(text: string, checksum: string): string {
  return text.replace(CHECKSUM_AT_END, `"checksum": "${checksum}"\n}\n`);
}

/**
 * A manifest from its file.
 *
 * @param file - How messages call it.
 * @throws BUNDLE_VERSION if a later format wrote it; BUNDLE_CORRUPT if the file was altered or
 *   violates the format.
 */
export function readManifest(bytes: Uint8Array, file: string): Manifest {
  const text = decodeUtf8(bytes, file);
  const document = parseBundleJson(text, file);
  checkVersion(document, file);
  const result = manifestSchema.safeParse(document);
  if (!result.success) throw corrupt(file, firstIssue(result.error));
  const intact = sha256(fillChecksum(text, ZEROS)) === result.data.checksum;
  check(intact, file, "must match its checksum");
  return result.data;
}

function checkVersion(document: unknown, file: string): void {
  const isObject = typeof document === "object" && document !== null;
  const version = isObject && "formatVersion" in document ? document.formatVersion : undefined;
  if (typeof version !== "number" || version === FORMAT_VERSION) return;
  throw new BailiwickError(
    "BUNDLE_VERSION",
    `${file}: format version must be ${FORMAT_VERSION}, found ${version}; ` +
      "a newer bailiwick wrote it",
    { file, found: version, supported: FORMAT_VERSION },
  );
}

/** A fingerprint of the model and its facts, the same whenever it was written. */
export function digestOf({ createdAt, checksum, ...lasting }: Manifest): string {
  return sha256(JSON.stringify(lasting, sortKeys));
}

/** For JSON.stringify: objects with their names in order. */
function sortKeys(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue!.path.join(".") || "it"}: ${issue!.message}`;
}
