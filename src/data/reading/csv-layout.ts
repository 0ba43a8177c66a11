/**
 * Which records of a separated text are its header and its rows.
 *
 * Files of people begin with titles and comments, end their lines with a separator, or, as R
 * writes them, name every column but the first. What fits none of these is refused.
 */
import { BailiwickError } from "../../shared/errors.ts";
import type { CsvShape } from "./scan-csv.ts";
import { commonest } from "./separator.ts";

export interface Layout {
  /** The number of the header's record, and its place in the text. */
  readonly header: number;
  readonly start: number;
  /** Characters of the header that mark it as a comment: "# a,b". */
  readonly skipped: number;
  /** Cells of the header, with the one that it lacks. */
  readonly width: number;
  /** The cell that the header lacks and rows have. */
  readonly added: "first" | "last" | null;
  /** The records that are rows, counted from the header's, which is 0. */
  readonly rows: readonly number[];
  /** Records above the header that are neither blank nor rows. */
  readonly nSkipped: number;
  /** Notes of one cell below the rows. */
  readonly nBelow: number;
}

/** @throws DATA_EMPTY without rows, DATA_RAGGED for a row of another length than the header. */
export function layoutOf(text: string, shape: CsvShape): Layout {
  const { header, skipped, nSkipped } = findHeader(text, shape);
  const named = shape.counts[header]!;
  const { last, nBelow } = findLast(text, shape, header);
  const isBlank = (row: number): boolean => shape.counts[row] === 0 && named > 1;
  const isNote = (row: number): boolean =>
    isComment(text, shape, row) && shape.counts[row] !== named;
  const records = Array.from({ length: last - header }, (_, r) => header + 1 + r).filter(
    (row) => !isBlank(row) && !isNote(row),
  );
  const longer = records.filter((row) => shape.counts[row] === named + 1);
  const fits = (row: number): boolean =>
    [0, named, named + 1].includes(shape.counts[row]!) || isCut(shape, header, row);
  const odd = records.find((row) => !fits(row));
  if (odd !== undefined) throw ragged(shape, header, odd);
  const rows = records.map((row) => row - header);
  if (rows.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must have rows below its header, got none");
  }
  const added = addedCell(shape, longer, rows.length);
  if (longer.length > 0 && added === null) throw ragged(shape, header, longer[0]!);
  const width = named + (added === null ? 0 : 1);
  return { header, start: shape.starts[header]!, skipped, width, added, rows, nSkipped, nBelow };
}

/** The first record that is neither blank nor a title nor a comment above the header. */
function findHeader(
  text: string,
  shape: CsvShape,
): { readonly header: number; readonly skipped: number; readonly nSkipped: number } {
  const { counts } = shape;
  const filled = [...counts.keys()].filter((record) => counts[record]! > 0);
  const width = commonest(filled.map((record) => counts[record]!));
  let nSkipped = 0;
  let comment: number | null = null;
  // A title is a line of one cell above rows of several.
  for (const record of filled) {
    if (isComment(text, shape, record)) comment = record;
    else if (width < 3 || counts[record] !== 1 || record === filled.at(-1)) break;
    nSkipped++;
  }
  const first = filled[nSkipped];
  const isNamed = comment !== null && counts[comment] === width && isLast(filled, comment, first);
  if (
    comment !== null &&
    (first === undefined || (isNamed && width > 1 && holdsNumber(text, shape, first)))
  ) {
    const skipped = /^#+[ \t]*/.exec(text.slice(shape.starts[comment]!))![0].length;
    return { header: comment, skipped, nSkipped: nSkipped - 1 };
  }
  if (first !== undefined) return { header: first, skipped: 0, nSkipped };
  return { header: filled[0]!, skipped: 0, nSkipped: 0 };
}

/** Two words, in a line of any length. */
const WORDS = /[\p{L}:.,)]\s[\p{L}\d(]/u;

/**
 * The last row: the record above notes of one cell, as a source or a date of printing. A line that
 * was cut is no note: it has neither a blank line above it nor words and a line break.
 */
function findLast(
  text: string,
  shape: CsvShape,
  header: number,
): { readonly last: number; readonly nBelow: number } {
  const { counts, starts } = shape;
  let last = counts.findLastIndex((count) => count > 0);
  let nBelow = 0;
  while (counts[header]! > 2 && last > header + 1 && counts[last] === 1) {
    const line = text.slice(starts[last]!, starts[last + 1] ?? text.length);
    const isNote = counts[last - 1] === 0 || (/[\r\n]$/.test(line) && WORDS.test(line));
    if (!isComment(text, shape, last)) {
      if (!isNote) break;
      nBelow++;
    }
    last = counts.findLastIndex((count, record) => count > 0 && record < last);
  }
  return { last, nBelow };
}

/** Whether a comment is the record above the first that is none. */
function isLast(filled: readonly number[], comment: number, first: number | undefined): boolean {
  return first !== undefined && filled[filled.indexOf(first) - 1] === comment;
}

function isComment(text: string, { starts }: CsvShape, record: number): boolean {
  return text.charAt(starts[record]!) === "#";
}

function holdsNumber(text: string, { starts }: CsvShape, record: number): boolean {
  const line = text.slice(starts[record]!, starts[record + 1] ?? text.length);
  return /(?:^|[,;\t|"]) ?[-+]?\d/.test(line);
}

/** A row without the last separator, where the header ends with one. */
function isCut({ counts, endsEmpty }: CsvShape, header: number, row: number): boolean {
  return endsEmpty[header]! && counts[row] === counts[header]! - 1 && counts[row]! > 0;
}

/** Rows that are longer than the header end with a separator, or begin with their name. */
function addedCell(
  { endsEmpty }: CsvShape,
  longer: readonly number[],
  nRows: number,
): Layout["added"] {
  if (longer.length === 0) return null;
  if (longer.every((row) => endsEmpty[row])) return "last";
  return longer.length === nRows && nRows > 1 ? "first" : null;
}

function ragged({ counts, lines }: CsvShape, header: number, row: number): BailiwickError {
  const [expected, found] = [counts[header]!, counts[row]!];
  const message = `every row must have ${expected} cells like the header`;
  return new BailiwickError("DATA_RAGGED", `${message}, line ${lines[row]} has ${found}`, {
    line: lines[row]!,
    expected,
    found,
  });
}
