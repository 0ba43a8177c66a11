/** What a bench finished earlier: read back from a file, and not measured again. */
import { z } from "zod";
import { BailiwickError } from "../shared/errors.ts";

/**
 * @param text - One JSON document.
 * @param what - The document's name in messages.
 * @throws CONFIG_INVALID if the text is not JSON or does not fit the schema.
 */
export function parseFinished<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BailiwickError("CONFIG_INVALID", `${what} must be JSON`, {}, cause);
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new BailiwickError("CONFIG_INVALID", `${what} does not fit: ${z.prettifyError(error)}`);
}

export interface Resumed<W, R> {
  /** The row that an earlier run finished; undefined if none did. */
  readonly knownOf: (wanted: W) => R | undefined;
  /** Measures a row, after `done` others, of the `left` that no earlier run finished. */
  readonly measure: (wanted: W, done: number, left: number) => Promise<R>;
  /** Told of every row when it is measured. */
  readonly onFinished: (row: R) => Promise<void>;
}

/** The wanted rows in order: those that were finished, and the others, measured one by one. */
export async function finishRows<W, R>(
  wanted: readonly W[],
  { knownOf, measure, onFinished }: Resumed<W, R>,
): Promise<readonly R[]> {
  const known = wanted.map(knownOf);
  const left = known.filter((row) => row === undefined).length;
  const rows: R[] = [];
  let done = 0;
  for (const [w, one] of wanted.entries()) {
    const row = known[w] ?? (await measure(one, done, left));
    if (known[w] === undefined) {
      await onFinished(row);
      done += 1;
    }
    rows.push(row);
  }
  return rows;
}
