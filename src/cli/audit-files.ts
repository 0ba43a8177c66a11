/** The files that commands on audit logs take beside the log: keys and policies. */
import {
  type KeyKind,
  type Policy,
  parsePolicy,
  parseSigner,
  type SignerKey,
} from "../cluster/witness/index.ts";
import { readTextFile } from "../shared/files.ts";

const MAX_KEY_BYTES = 1000;
const MAX_POLICY_BYTES = 1 << 20;

/** @throws FILE_NOT_FOUND; NOTE_INVALID */
export async function readSigner(kind: KeyKind, path: string): Promise<SignerKey> {
  return parseSigner(kind, (await readTextFile(path, { maxBytes: MAX_KEY_BYTES })).trim());
}

/** @throws FILE_NOT_FOUND; CONFIG_INVALID */
export async function readPolicy(path: string): Promise<Policy> {
  return parsePolicy(await readTextFile(path, { maxBytes: MAX_POLICY_BYTES }));
}
