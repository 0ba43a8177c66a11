/** The embedded fabric's state on disk: one line of JSON per change, synced before it counts. */
import { join } from "node:path";
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";
import type { BucketName } from "./fabric.ts";

const bucket = z.enum(["models", "nodes", "homes", "leases", "terms"]);
const revision = z.int().positive();
const base64 = z.string().regex(/^[A-Za-z0-9+/]*=*$/);

const changeSchema: z.ZodType<Change> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("put"),
    bucket,
    key: z.string(),
    value: base64,
    revision,
  }),
  z.strictObject({ kind: z.literal("delete"), bucket, key: z.string(), revision }),
  z.strictObject({ kind: z.literal("job"), queue: z.string(), id: z.string(), body: base64 }),
  z.strictObject({ kind: z.literal("done"), queue: z.string(), id: z.string() }),
]);

type Put = { kind: "put"; bucket: BucketName; key: string; value: string; revision: number };
type Delete = { kind: "delete"; bucket: BucketName; key: string; revision: number };
type Add = { kind: "job"; queue: string; id: string; body: string };
type Done = { kind: "done"; queue: string; id: string };
export type Change = Readonly<Put | Delete | Add | Done>;

export interface StateJournal {
  /** The changes of earlier processes, in their order. */
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
  await makeFolder(folder);
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

/** A last line that a kill has cut was never acknowledged, and is removed. */
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
    return changeSchema.parse(JSON.parse(line));
  } catch (cause) {
    const message = `${path} must hold one change per line, line ${number} is none`;
    throw new BailiwickError("STORE_CORRUPT", message, { path, line: number }, cause);
  }
}
