/** Which character separates the cells of a text: the one that gives most rows the same length. */
import { BailiwickError } from "../../shared/errors.ts";
import { scanCsv } from "./scan-csv.ts";

/** Between cells. */
export const SEPARATORS = [",", ";", "\t", "|"] as const;
export type Separator = (typeof SEPARATORS)[number];

/** Characters of a text that are looked at. */
const SAMPLE_CHARS = 65_536;

/**
 * Of equally good separators `usual`, which is also the answer for a text of one column.
 *
 * @param usual - What the file's ending promises.
 */
export function sniffSeparator(text: string, usual: Separator): Separator {
  const sample = sampleOf(text);
  let best: Separator = usual;
  let most = evenness(sample, usual);
  for (const separator of SEPARATORS) {
    const share = separator === usual ? 0 : evenness(sample, separator);
    if (share > most) [best, most] = [separator, share];
  }
  return best;
}

/** Whole lines from the start, up to one that is in no quotes. */
function sampleOf(text: string): string {
  if (text.length <= SAMPLE_CHARS) return text;
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < SAMPLE_CHARS; at++) {
    const character = text.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) end = at + 1;
  }
  return text.slice(0, end === 0 ? SAMPLE_CHARS : end);
}

/** The share of records that have the commonest number of cells; 0 if that is one cell. */
function evenness(sample: string, separator: Separator): number {
  const counts = countsOf(sample, separator);
  const width = commonest(counts);
  if (width < 2) return 0;
  return counts.filter((count) => count === width).length / counts.length;
}

/** Cells of each record that is not blank; none where quotes do not fit the separator. */
function countsOf(sample: string, separator: Separator): readonly number[] {
  try {
    return scanCsv(sample, separator).counts.filter((count) => count > 0);
  } catch (error) {
    if (error instanceof BailiwickError) return [];
    throw error;
  }
}

/** The most frequent of some numbers, the larger of equally frequent ones; 0 without any. */
export function commonest(numbers: readonly number[]): number {
  const times = new Map<number, number>();
  for (const number of numbers) times.set(number, (times.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, n] of times) {
    const most = times.get(best) ?? 0;
    if (n > most || (n === most && number > best)) best = number;
  }
  return best;
}
