/**
 * Separated text to named columns of cells and back, by arquero: the one file that imports it.
 *
 * arquero is lenient, so that scan-csv.ts checks the text first.
 */
import { type ColumnTable, fromCSV, table, toCSV } from "arquero";
import { BailiwickError } from "../shared/errors.ts";
import { checkExtent, MAX_TEXT_CELLS } from "./limits.ts";
import { checkNames, type RawTable } from "./raw-table.ts";
import { type CsvShape, scanCsv } from "./scan-csv.ts";

/** Between cells. */
export type Separator = "," | "\t";

/**
 * Skips blank lines; in a file of one column, a blank line between others is a missing cell.
 *
 * @throws DATA_TOO_LARGE for too many cells or columns, DATA_EMPTY without a header or rows,
 *   DATA_RAGGED for a row of another length than the header, DATA_MALFORMED for quotes out of
 *   place or a column without a name, COLUMN_DUPLICATE.
 */
export function parseCsv(text: string, separator: Separator): RawTable {
  if (text.trim() === "") throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  const shape = scanCsv(text, separator);
  const keep = rowsWithCells(shape);
  checkExtent(keep.length, shape.counts[0]!, MAX_TEXT_CELLS);
  const parsed = fromCSV(text, { delimiter: separator, header: false, autoType: false });
  const cells = parsed.columnNames().map((name) => columnOf(parsed, name));
  const names = cells.map((column) => String(column[0] ?? "").trim());
  checkNames(names);
  const columns = names.map((name, c) => {
    const length = keep.length;
    return { name, length, read: () => ({ cells: keep.map((row) => cells[c]![row]) }) };
  });
  return { columns, placeOf: (i) => `line ${shape.lines[keep[i]!]}` };
}

function columnOf(parsed: ColumnTable, name: string): readonly unknown[] {
  return Array.from(parsed.array(name) as ArrayLike<unknown>);
}

/** The records below the header that are rows, each as long as the header. */
function rowsWithCells({ lines, counts }: CsvShape): readonly number[] {
  const width = counts[0]!;
  if (width === 0) {
    throw new BailiwickError("DATA_MALFORMED", "line 1 must name the columns, it is blank");
  }
  const last = counts.findLastIndex((count) => count > 0);
  const rows: number[] = [];
  for (let row = 1; row <= last; row++) {
    const count = counts[row]!;
    if (count === 0 && width > 1) continue;
    if (count > 0 && count !== width) {
      throw new BailiwickError(
        "DATA_RAGGED",
        `every row must have ${width} cells like the header, line ${lines[row]} has ${count}`,
        { line: lines[row]!, expected: width, found: count },
      );
    }
    rows.push(row);
  }
  if (rows.length === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must have rows below its header, got none");
  }
  return rows;
}

/** Columns as CSV with a header. Numbers read back to the same bits. */
export function formatCsv(
  columns: readonly (readonly [string, ArrayLike<number | string>])[],
): string {
  const entries = columns.map(([name, values]) => [name, Array.from(values)] as const);
  return toCSV(table(entries));
}
