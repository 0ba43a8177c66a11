/** One expert outside of its bundle: an entry of the manifest and a blob. */
import type { Expert } from "../experts/index.ts";
import { sha256 } from "../shared/hash.ts";
import { assembleExpert } from "./assemble.ts";
import { check, corrupt, parseBundleJson } from "./corrupt.ts";
import { type ExpertEntry, expertSchema } from "./expert-schema.ts";
import { expertTensors } from "./expert-tensors.ts";
import { parseBy } from "./fields.ts";
import { blobFile } from "./layout.ts";
import { encodeSafetensors } from "./safetensors.ts";

/** An expert outside of its bundle: its entry as text, its parameters as a blob of this hash. */
export interface LooseExpert {
  readonly hash: string;
  readonly entry: string;
  readonly blob: Uint8Array;
}

/** The hash that an expert's blob has. */
export function expertHash(expert: Expert): string {
  return sha256(encodeSafetensors(expertTensors(expert)));
}

export function writeLooseExpert(entry: ExpertEntry, expert: Expert): LooseExpert {
  const blob = encodeSafetensors(expertTensors(expert));
  const hash = sha256(blob);
  const { explanation: _explanation, ...fields } = entry;
  return { hash, entry: JSON.stringify({ ...fields, blob: hash }), blob };
}

/** @throws BUNDLE_CORRUPT if the entry is invalid, or does not name this blob. */
export function readLooseExpert(text: string, blob: Uint8Array): Expert {
  const parsed = parseBy(expertSchema, parseBundleJson(text, "an expert's entry"));
  if ("problem" in parsed) throw corrupt("an expert's entry", parsed.problem);
  const entry = parsed.value;
  const file = blobFile(entry.blob);
  check(sha256(blob) === entry.blob, file, "must have the content that its name says");
  return assembleExpert(entry, blob);
}
