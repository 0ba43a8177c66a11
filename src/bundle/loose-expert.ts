/** One expert outside of its bundle: its entry of the manifest and its parameters, as one blob. */
import type { Expert } from "../experts/index.ts";
import { sha256 } from "../shared/hash.ts";
import { assembleExpert } from "./assemble.ts";
import { check, corrupt, parseBundleJson } from "./corrupt.ts";
import { type ExpertEntry, expertSchema } from "./expert-schema.ts";
import { expertTensors } from "./expert-tensors.ts";
import { parseBy } from "./fields.ts";
import { blobFile } from "./layout.ts";
import { encodeSafetensors } from "./safetensors.ts";

/** An expert outside of its bundle, by the hash that its parameters have in the bundle. */
export interface LooseExpert {
  readonly hash: string;
  /** u32 bytes of the entry, little-endian; the entry as JSON; the parameters as safetensors. */
  readonly blob: Uint8Array;
}

const ENTRY_AT = 4;
const WHAT = "an expert's entry";

/** The hash that an expert's blob has. */
export function expertHash(expert: Expert): string {
  return sha256(encodeSafetensors(expertTensors(expert)));
}

export function writeLooseExpert(entry: ExpertEntry, expert: Expert): LooseExpert {
  const parameters = encodeSafetensors(expertTensors(expert));
  const hash = sha256(parameters);
  const { explanation: _explanation, ...fields } = entry;
  const text = Buffer.from(JSON.stringify({ ...fields, blob: hash }));
  const length = Buffer.alloc(ENTRY_AT);
  length.writeUInt32LE(text.length);
  return { hash, blob: Uint8Array.from(Buffer.concat([length, text, parameters])) };
}

/** @throws BUNDLE_CORRUPT unless it is the blob of the expert with this hash. */
export function readLooseExpert(hash: string, blob: Uint8Array): Expert {
  check(blob.length >= ENTRY_AT, WHAT, "must have a length, the blob is cut");
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length);
  const parametersAt = ENTRY_AT + view.getUint32(0, true);
  check(parametersAt <= blob.length, WHAT, "must be whole, the blob is cut");
  const text = new TextDecoder().decode(blob.subarray(ENTRY_AT, parametersAt));
  const parsed = parseBy(expertSchema, parseBundleJson(text, WHAT));
  if ("problem" in parsed) throw corrupt(WHAT, parsed.problem);
  const entry = parsed.value;
  const file = blobFile(hash);
  check(entry.blob === hash, WHAT, "must name the blob that it is in");
  // A copy: tensors start where numbers of 4 bytes may.
  const parameters = blob.slice(parametersAt);
  check(sha256(parameters) === hash, file, "must have the content that its name says");
  return assembleExpert(entry, parameters);
}
