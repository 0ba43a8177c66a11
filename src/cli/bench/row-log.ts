/** The rows that a bench has finished, one JSON text a line, from which `--resume` goes on. */
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { appendLine, readTextFile, writeFileAtomic } from "../../shared/files.ts";

export interface RowLog<T> {
  /** Rows of an earlier run, in the order in which they were finished. */
  readonly finished: readonly T[];
  keep(row: T): Promise<void>;
}

const MAX_LOG_BYTES = 100_000_000;

/**
 * @param file - undefined keeps no rows.
 * @param options.resume - Whether to read an earlier run's rows; otherwise they are removed.
 * @param options.parse - Reads one line. @throws CONFIG_INVALID
 */
export async function openRowLog<T>(
  file: string | undefined,
  { resume, parse }: { readonly resume: boolean; readonly parse: (line: string) => T },
): Promise<RowLog<T>> {
  if (file === undefined) return { finished: [], keep: async () => {} };
  await mkdir(dirname(file), { recursive: true });
  if (!resume) await rm(file, { force: true });
  const finished = existsSync(file) ? (await readWholeLines(file)).map(parse) : [];
  return { finished, keep: (row) => appendLine(file, JSON.stringify(row)) };
}

/** A last line that an interruption cut is removed from the file. */
async function readWholeLines(file: string): Promise<readonly string[]> {
  const text = await readTextFile(file, { maxBytes: MAX_LOG_BYTES });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) await writeFileAtomic(file, whole);
  return whole.split("\n").slice(0, -1);
}
