/**
 * A bundle holds no symbolic links: one from a stranger could lead a write to a file of the user's.
 * The folder itself may be reached through one.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../shared/files.ts";
import { firstLink } from "../shared/folders.ts";
import { BLOBS, CARD, CURRENT, VERSIONS } from "./layout.ts";

const NAMES: readonly string[] = [CURRENT, CARD, VERSIONS, BLOBS];

/** The first link in the place of a bundle's file or folder, or within them; null if none. */
export async function linkInBundle(folder: string): Promise<string | null> {
  for (const entry of await entriesOf(folder)) {
    if (entry.isSymbolicLink() && NAMES.includes(entry.name)) return entry.name;
  }
  for (const name of [VERSIONS, BLOBS]) {
    const link = await firstLink(join(folder, name));
    if (link !== null) return `${name}/${link}`;
  }
  return null;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
