/**
 * Checkpoints: what a log says of itself, to be signed: its name, its number of lines, the root of
 * the tree over them. Source: c2sp.org/tlog-checkpoint.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { bytesOf, sizeOf } from "./base64.ts";
import type { TreeHead } from "./merkle-proofs.ts";
import { HASH_BYTES } from "./merkle-tree.ts";

export interface Checkpoint extends TreeHead {
  /** The log's name, which is also that of its key. */
  readonly origin: string;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** Of a note's text; lines after the third are passed over. @throws NOTE_INVALID */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", size = "", root = "", ...more] = text.split("\n");
  const known = { size: sizeOf(size), root: bytesOf(root, HASH_BYTES) };
  const isWhole = more.at(-1) === "" && more.indexOf("") === more.length - 1;
  if (origin === "" || known.size === null || known.root === null || !isWhole) {
    const must = "must be lines of a name, a size and a root";
    throw new BailiwickError("NOTE_INVALID", `a checkpoint ${must}`);
  }
  return { origin, size: known.size, root: known.root };
}
