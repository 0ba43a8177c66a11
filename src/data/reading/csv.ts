/**
 * Separated text to named columns of cells, by arquero: the one file that imports it.
 *
 * arquero is lenient, so that scan-csv.ts checks the text first, and csv-layout.ts says which of
 * its records are the header and the rows.
 */
import { fromCSV } from "arquero";
import { BailiwickError } from "../../shared/errors.ts";
import { checkExtent, MAX_TEXT_CELLS } from "../limits.ts";
import { type Layout, layoutOf } from "./csv-layout.ts";
import { nameColumns } from "./csv-names.ts";
import type { RawTable } from "./raw-table.ts";
import { scanCsv } from "./scan-csv.ts";
import type { Separator } from "./separator.ts";

/**
 * Skips blank lines, comments, titles, notes and totals; in a file of one column, a blank line
 * between others is a missing cell.
 *
 * @throws DATA_TOO_LARGE for too many cells or columns, DATA_EMPTY without a header or rows,
 *   DATA_RAGGED for a row of another length than the header, DATA_MALFORMED for quotes out of
 *   place or a column without a name.
 */
export function parseCsv(text: string, separator: Separator): RawTable {
  if (text.trim() === "") throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  const shape = scanCsv(text, separator);
  const layout = layoutOf(text, shape);
  checkExtent(layout.rows.length, layout.width, MAX_TEXT_CELLS);
  const cells = cellsOf(text, separator, layout);
  const usual = separator === ";" ? "," : ".";
  const { columns, rows, notes, repeated, isHeadless } = nameColumns(cells, layout, usual);
  return {
    columns: columns.map(({ name, cells: own }) => {
      const read = () => ({ cells: rows.map((row) => own[row]) });
      return { name, length: rows.length, read };
    }),
    placeOf: (i) => `line ${shape.lines[rows[i]! + layout.header]}`,
    notes,
    repeated,
    isHeadless,
    ...(usual === "," ? { decimal: usual } : {}),
  };
}

/** The text's columns from the header on: cell 0 of each is the header's. */
function cellsOf(
  text: string,
  separator: Separator,
  { start, skipped, added }: Layout,
): readonly ArrayLike<unknown>[] {
  const before = added === "first" ? separator : "";
  const from = start + skipped;
  const header = added === "last" ? withLast(text, from, separator) : text.slice(from);
  const options = { delimiter: separator, header: false, autoType: false };
  const parsed = fromCSV(`${before}${header}`, options);
  return parsed.columnNames().map((name) => parsed.array(name) as ArrayLike<unknown>);
}

/** The text from a header on, with one empty cell more in the header. */
function withLast(text: string, from: number, separator: Separator): string {
  const { starts } = scanCsv(text.slice(from), separator);
  const next = from + (starts[1] ?? text.length - from);
  const header = text.slice(from, next).trimEnd();
  return `${header}${separator}\n${text.slice(next)}`;
}
