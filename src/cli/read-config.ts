/** A configuration file as JSON, before its schema checks it. */
import { BailiwickError } from "../shared/errors.ts";
import { readTextFile } from "../shared/files.ts";
import { parseJson } from "../shared/json.ts";

const MAX_CONFIG_BYTES = 1_000_000;

/** @throws CONFIG_INVALID if it is no JSON, FILE_NOT_FOUND, READ_FAILED, DATA_TOO_LARGE */
export async function readConfig(path: string): Promise<unknown> {
  const text = await readTextFile(path, { maxBytes: MAX_CONFIG_BYTES });
  return parseJson(
    text,
    (cause) => new BailiwickError("CONFIG_INVALID", `${path} must be JSON`, { path }, cause),
  );
}
