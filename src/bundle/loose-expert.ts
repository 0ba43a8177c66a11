/** One expert outside of its bundle: an entry of the manifest and a blob. */
import type { Expert } from "../experts/index.ts";
import { sha256 } from "../shared/hash.ts";
import { check, parseBundleJson } from "./corrupt.ts";
import { type ExpertEntry, expertSchema } from "./expert-schema.ts";
import { expertOf, expertTensors } from "./expert-tensors.ts";
import { blobFile } from "./layout.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

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
  const parsed = expertSchema.safeParse(parseBundleJson(text, "an expert's entry"));
  const problem = parsed.error?.issues[0]?.message ?? "";
  check(parsed.success, "an expert's entry", `must describe an expert: ${problem}`);
  const entry = parsed.data;
  const file = blobFile(entry.blob);
  check(sha256(blob) === entry.blob, file, "must have the content that its name says");
  return expertOf(entry, decodeSafetensors(blob, file).tensors, file);
}
