/** The embedded fabric's memory on disk: one line of JSON a change, synced before it counts. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";
import type { BucketName } from "./fabric.ts";

export type Change =
  | {
      readonly kind: "put";
      readonly bucket: BucketName;
      readonly key: string;
      readonly value: string;
      readonly revision: number;
    }
  | {
      readonly kind: "delete";
      readonly bucket: BucketName;
      readonly key: string;
      readonly revision: number;
    }
  | { readonly kind: "job"; readonly queue: string; readonly id: string; readonly body: string }
  | { readonly kind: "done"; readonly queue: string; readonly id: string };

export interface StateJournal {
  /** What an earlier process left, in its order. */
  readonly changes: readonly Change[];
  /** Returns when the change is on the disk, changes in the order of the calls. */
  append(change: Change): Promise<void>;
  close(): Promise<void>;
}

const FILE = "state.jsonl";
const MAX_BYTES = 1 << 30;

export async function openStateJournal(folder: string | null): Promise<StateJournal> {
  if (folder === null) {
    return { changes: [], append: async () => undefined, close: async () => undefined };
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, FILE);
  const changes = await readChanges(path);
  let last: Promise<void> = Promise.resolve();
  return {
    changes,
    append: (change) => {
      last = last.then(() => appendLine(path, JSON.stringify(change)));
      return last;
    },
    close: () => last.catch(() => undefined),
  };
}

/** A last line that a kill has cut was never acknowledged, and is taken away. */
async function readChanges(path: string): Promise<readonly Change[]> {
  let text: string;
  try {
    text = await readTextFile(path, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (error instanceof BailiwickError && error.code === "FILE_NOT_FOUND") return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeFileAtomic(path, whole);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => parseChange(line, i + 1, path));
}

function parseChange(line: string, number: number, path: string): Change {
  try {
    return JSON.parse(line) as Change;
  } catch (cause) {
    const message = `${path} must hold one change a line, line ${number} is none`;
    throw new BailiwickError("STORE_CORRUPT", message, { path, line: number }, cause);
  }
}
