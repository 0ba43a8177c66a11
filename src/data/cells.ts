/**
 * Text to named columns of cells and back, by arquero: the one file that imports it.
 *
 * arquero is lenient with CSV, so that the text is scanned first (scan-csv.ts).
 */
import { type ColumnTable, fromCSV, table, toCSV } from "arquero";
import { BailiwickError } from "../shared/errors.ts";
import { type CsvShape, scanCsv } from "./scan-csv.ts";

/** A column as it stood in the file: text, or what JSON held. null where there was nothing. */
export interface RawColumn {
  readonly name: string;
  readonly cells: readonly unknown[];
}

export interface RawTable {
  readonly columns: readonly RawColumn[];
  /** Where the user finds row `i`, counted from 0: "line 7", "row 3". */
  placeOf(i: number): string;
}

/**
 * Blank lines are no rows; where there is one column only, a blank line between others is a
 * missing cell.
 *
 * @throws DATA_EMPTY without a header or rows, DATA_RAGGED for a row of another length than the
 *   header, DATA_MALFORMED for quotes out of place or a column without a name, COLUMN_DUPLICATE.
 */
export function parseCsv(text: string): RawTable {
  if (text.trim() === "") throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  const shape = scanCsv(text);
  const keep = rowsWithCells(shape);
  const parsed = fromCSV(text, { header: false, autoType: false });
  const cells = parsed.columnNames().map((name) => columnOf(parsed, name));
  const names = cells.map((column) => String(column[0] ?? "").trim());
  checkNames(names);
  const columns = names.map((name, c) => ({ name, cells: keep.map((row) => cells[c]![row]) }));
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

function checkNames(names: readonly string[]): void {
  const nameless = names.indexOf("");
  if (nameless >= 0) {
    throw new BailiwickError(
      "DATA_MALFORMED",
      `every column must have a name, column ${nameless + 1} of ${names.length} has none`,
      { column: nameless + 1 },
    );
  }
  const place = names.findIndex((name, c) => names.indexOf(name) !== c);
  if (place >= 0) {
    const first = names.indexOf(names[place]!);
    throw new BailiwickError(
      "COLUMN_DUPLICATE",
      `column names must differ, "${names[place]}" names columns ${first + 1} and ${place + 1}`,
      { column: names[place]! },
    );
  }
}

/**
 * An array of row objects, or an object of column arrays. A key that a row lacks is a missing cell.
 *
 * @throws DATA_MALFORMED if the text is not such JSON, DATA_RAGGED if columns differ in length,
 *   DATA_EMPTY without rows or columns.
 */
export function parseJson(text: string): RawTable {
  const document = parseDocument(text);
  const columns = Array.isArray(document) ? columnsOfRows(document) : columnsOf(document);
  const nRows = columns[0]?.cells.length ?? 0;
  const other = columns.find(({ cells }) => cells.length !== nRows);
  if (other !== undefined) {
    throw new BailiwickError(
      "DATA_RAGGED",
      `columns must be of equal length, "${columns[0]!.name}" has ${nRows} cells, ` +
        `"${other.name}" ${other.cells.length}`,
      { column: other.name, expected: nRows, found: other.cells.length },
    );
  }
  if (nRows === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must have columns and rows, got none");
  }
  checkNames(columns.map(({ name }) => name));
  return { columns, placeOf: (i) => `row ${i + 1}` };
}

type JsonRow = Readonly<Record<string, unknown>>;

function columnsOfRows(rows: readonly JsonRow[]): readonly RawColumn[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return Array.from(names, (name) => ({
    name,
    cells: rows.map((row) => (Object.hasOwn(row, name) ? row[name] : null)),
  }));
}

function columnsOf(columns: Readonly<Record<string, unknown[]>>): readonly RawColumn[] {
  return Object.entries(columns).map(([name, cells]) => ({ name, cells }));
}

function parseDocument(text: string): JsonRow[] | Readonly<Record<string, unknown[]>> {
  if (text.trim() === "") throw new BailiwickError("DATA_EMPTY", "a data file must not be empty");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new BailiwickError("DATA_MALFORMED", "a .json data file must be JSON", {}, cause);
  }
  if (Array.isArray(document) && document.every(isRecord)) return document;
  if (isRecord(document) && Object.values(document).every(Array.isArray)) {
    return document as Record<string, unknown[]>;
  }
  throw new BailiwickError(
    "DATA_MALFORMED",
    "a .json data file must hold an array of row objects or an object of column arrays",
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Columns as CSV with a header. Numbers read back to the same bits. */
export function formatCsv(
  columns: readonly (readonly [string, ArrayLike<number | string>])[],
): string {
  const entries = columns.map(([name, values]) => [name, Array.from(values)] as const);
  return toCSV(table(entries));
}
