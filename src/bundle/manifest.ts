/**
 * The file of a manifest: written, read, and told from an altered one.
 *
 * The last member, `checksum`, binds a manifest to its own bytes: it is the SHA-256 of the file
 * with those 64 digits written as zeros, so every changed byte is detected. A digest, in
 * contrast, covers all but the date and the checksum: a model of equal seed, data and package has
 * the digest it had yesterday.
 */
import { BailiwickError } from "../shared/errors.ts";
import { sha256 } from "../shared/sha256.ts";
import { check, corrupt, decodeUtf8, parseBundleJson } from "./corrupt.ts";
import { parseBy } from "./fields.ts";
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
  const parsed = parseBy(manifestSchema, { ...facts, checksum: ZEROS });
  if ("problem" in parsed) {
    throw new BailiwickError("INVALID_OPTION", `the model's facts: ${parsed.problem}`);
  }
  const blank = `${JSON.stringify(parsed.value, null, 2)}\n`;
  const checksum = sha256(blank);
  return { manifest: { ...parsed.value, checksum }, text: fillChecksum(blank, checksum) };
}

/** The file of a manifest that was read. Its bytes may differ from those of another writer. */
export function manifestText({ checksum: _checksum, ...facts }: Manifest): string {
  return writeManifest(facts).text;
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
  check(text.startsWith("{"), file, "must be a JSON object");
  checkVersion(document, file);
  const parsed = parseBy(manifestSchema, document);
  if ("problem" in parsed) throw corrupt(file, parsed.problem);
  const intact = sha256(fillChecksum(text, ZEROS)) === parsed.value.checksum;
  check(intact, file, "must match its checksum");
  return parsed.value;
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
