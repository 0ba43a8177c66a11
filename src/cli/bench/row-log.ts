/** The rows that a bench has finished, one JSON text a line, from which `--resume` goes on. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { BailiwickError } from "../../shared/errors.ts";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";
import { makeFolder } from "../../shared/folders.ts";

export interface RowLog<T> {
  /** Rows of an earlier run, in the order in which they were finished. */
  readonly finished: readonly T[];
  keep(row: T): Promise<void>;
}

const MAX_LOG_BYTES = 100_000_000;

interface LogOptions<T> {
  /** Whether to read an earlier run's rows; otherwise they are removed. */
  readonly resume: boolean;
  /** The options that rows depend on and do not name, as typed: the log's first line. */
  readonly run?: string;
  /** Reads one line. @throws CONFIG_INVALID */
  readonly parse: (line: string) => T;
}

/**
 * @param file - undefined keeps no rows.
 * @throws INVALID_OPTION if the rows to go on from are of another run.
 */
export async function openRowLog<T>(
  file: string | undefined,
  { resume, run, parse }: LogOptions<T>,
): Promise<RowLog<T>> {
  if (file === undefined) return { finished: [], keep: async () => {} };
  await makeFolder(dirname(file));
  if (!resume) await rm(file, { force: true });
  const lines = existsSync(file) ? await readWholeLines(file) : [];
  const head = run === undefined ? null : JSON.stringify({ run });
  if (head !== null && lines.length === 0) await appendLine(file, head);
  if (head !== null && lines.length > 0 && lines[0] !== head) {
    const wanted = `rows to go on from must be of a run with ${run}`;
    const message = `${wanted}, ${file} begins with ${lines[0]}; leave --resume out to start again`;
    throw new BailiwickError("INVALID_OPTION", message);
  }
  const finished = lines.slice(head === null ? 0 : 1).map(parse);
  return { finished, keep: (row) => appendLine(file, JSON.stringify(row)) };
}

/** A last line that an interruption cut is removed from the file. */
async function readWholeLines(file: string): Promise<readonly string[]> {
  const text = await readTextFile(file, { maxBytes: MAX_LOG_BYTES });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeFileAtomic(file, whole);
  return whole.split("\n").slice(0, -1);
}
