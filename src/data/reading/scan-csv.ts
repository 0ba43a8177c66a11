/**
 * The shape of a separated text (CSV, TSV) before it is parsed: the line that each record starts
 * on, and its number of cells.
 *
 * The parser silently gives every row as many cells as the first: it cuts longer rows, fills
 * shorter ones, drops text after a closing quote, and reads the rest of the file into an open
 * quote. This scan reads by the same rules (RFC 4180: a quote counts only where a cell begins) and
 * refuses such texts.
 */
import { BailiwickError } from "../../shared/errors.ts";

export interface CsvShape {
  /** The line, counted from 1, that each record starts on; the first record is the header. */
  readonly lines: readonly number[];
  /** Cells of each record; 0 for a blank line. */
  readonly counts: readonly number[];
  /** The place of each record's first character in the text. */
  readonly starts: readonly number[];
  /** Whether the last cell of each record is empty. */
  readonly endsEmpty: readonly boolean[];
}

const QUOTE = 34;
const NEWLINE = 10;
const RETURN = 13;

/** @throws DATA_MALFORMED naming the line, for a quote that does not close where its cell ends. */
export function scanCsv(text: string, separator: string): CsvShape {
  const comma = separator.charCodeAt(0);
  const lines: number[] = [];
  const counts: number[] = [];
  const starts: number[] = [];
  const endsEmpty: boolean[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const first = line;
    let nCells = 0;
    let at = start - 1;
    let cell = start;
    do {
      cell = at + 1;
      at =
        text.charCodeAt(cell) === QUOTE
          ? quotedEnd(text, cell, { comma, line })
          : plainEnd(text, cell, comma);
      if (text.charCodeAt(cell) === QUOTE) line += countBreaks(text.slice(cell, at));
      nCells++;
    } while (text.charCodeAt(at) === comma);
    const blank = nCells === 1 && text.slice(start, at).trim() === "";
    lines.push(first);
    counts.push(blank ? 0 : nCells);
    starts.push(start);
    endsEmpty.push(text.slice(cell, at).trim() === "");
    line++;
    start = at + (text.charCodeAt(at) === RETURN && text.charCodeAt(at + 1) === NEWLINE ? 2 : 1);
  }
  return { lines, counts, starts, endsEmpty };
}

/** The place of the separator or line break after an unquoted cell, or the text's end. */
function plainEnd(text: string, start: number, comma: number): number {
  for (let at = start; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === comma || c === NEWLINE || c === RETURN) return at;
  }
  return text.length;
}

/** The same for a cell in quotes; a doubled quote stands for one. */
function quotedEnd(
  text: string,
  start: number,
  { comma, line }: { readonly comma: number; readonly line: number },
): number {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) close = text.indexOf('"', close + 2);
  if (close < 0) {
    throw new BailiwickError(
      "DATA_MALFORMED",
      `a quote must be closed, the one opened in line ${line} is not`,
      { line },
    );
  }
  const end = plainEnd(text, close + 1, comma);
  if (end !== close + 1) {
    const found = text.slice(close + 1, Math.min(end, close + 21));
    throw new BailiwickError(
      "DATA_MALFORMED",
      `a closing quote must end its cell, after one in line ${line} comes "${found}"`,
      { line },
    );
  }
  return end;
}

function countBreaks(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}
