/** Errors of files that violate the format; a file is named by its place in the bundle. */
import { BailiwickError } from "../shared/errors.ts";
import { parseJson } from "../shared/json.ts";

/** BUNDLE_CORRUPT: what must hold for the file called `name`, and its actual content. */
export function corrupt(name: string, problem: string, cause?: unknown): BailiwickError {
  return new BailiwickError("BUNDLE_CORRUPT", `${name}: ${problem}`, { file: name }, cause);
}

/** @throws BUNDLE_CORRUPT unless `holds`. */
export function check(holds: boolean, name: string, problem: string): asserts holds {
  if (!holds) throw corrupt(name, problem);
}

/** @throws BUNDLE_CORRUPT if the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw corrupt(name, "must be text in UTF-8", cause);
  }
}

/** @throws BUNDLE_CORRUPT if the text is not JSON. */
export function parseBundleJson(text: string, name: string): unknown {
  return parseJson(text, (cause) => corrupt(name, "must be JSON", cause));
}
