/** `bailiwick node-key`: a node's key for sealed rows, signed by its zone's key. */
import {
  createNodeKey,
  formatNodeSecret,
  type NodeSecret,
  parseNodeSecret,
} from "../cluster/seal/index.ts";
import { formatVerifier } from "../cluster/witness/index.ts";
import { today } from "../shared/clock.ts";
import { readTextFile } from "../shared/files.ts";
import { readSigner } from "./audit-files.ts";
import { note, printLine } from "./output.ts";
import { writeSecret } from "./secret-file.ts";

const MAX_BYTES = 10_000;

export interface NodeKeyFlags {
  readonly key: string;
  readonly days: number;
  readonly out: string;
}

export async function nodeKeyCommand(
  node: string,
  { key, days, out }: NodeKeyFlags,
): Promise<void> {
  const zone = await readSigner("log", key);
  const secret = createNodeKey(zone, { node, days, now: today() });
  await writeSecret(out, formatNodeSecret(secret));
  note(`wrote ${out}, which is secret; routers check it by the zone's key:`);
  printLine(formatVerifier(zone.verifier));
}

/** @throws FILE_NOT_FOUND; NOTE_INVALID unless it is this node's. */
export async function readNodeSecret(path: string, node: string): Promise<NodeSecret> {
  return parseNodeSecret(await readTextFile(path, { maxBytes: MAX_BYTES }), node);
}
