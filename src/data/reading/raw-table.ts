/** Named columns of cells: what each format is read to before its columns get types. */
import { BailiwickError } from "../../shared/errors.ts";
import { MAX_CELL_CHARS } from "../limits.ts";
import type { ColumnType } from "../table.ts";
import type { DecimalMark } from "./number-text.ts";

/** A column as the file has it. */
export interface RawColumn {
  readonly name: string;
  readonly length: number;
  /** Decodes the cells; unused columns are never decoded. @throws as its format does. */
  read(): RawCells;
}

export interface RawCells {
  /** Texts, or what JSON or Arrow held; null for a cell that is absent. */
  readonly cells: ArrayLike<unknown>;
  /** The type that the file itself gives; inferred from the cells if not given. */
  readonly type?: ColumnType | "date" | undefined;
  /** Whole numbers below this are exact in the file's number type; 2^53 if not given. */
  readonly exactBelow?: number | undefined;
}

export interface RawTable {
  readonly columns: readonly RawColumn[];
  /** Where the user finds row `i`, counted from 0: "line 7", "row 3". */
  placeOf(i: number): string;
  /** What was left out of the file, a sentence each. */
  readonly notes?: readonly string[];
  /** Names that the file gives to several columns; the first such column keeps it. */
  readonly repeated?: readonly string[];
  /** Whether the names look like a row of data. */
  readonly isHeadless?: boolean;
  /** The decimal mark that the file's separator lets expect. */
  readonly decimal?: DecimalMark;
}

/** A column of decoded cells. */
export function rawColumn(name: string, cells: ArrayLike<unknown>): RawColumn {
  return { name, length: cells.length, read: () => ({ cells }) };
}

/** Rows of a format without lines are counted from 1. */
export function placeOfRow(i: number): string {
  return `row ${i + 1}`;
}

/**
 * @param hint - What may be wrong with all the names.
 * @throws DATA_MALFORMED for a column without a name, COLUMN_DUPLICATE for one name twice.
 */
export function checkNames(names: readonly string[], hint = ""): void {
  const nameless = names.indexOf("");
  if (nameless >= 0) {
    throw new BailiwickError(
      "DATA_MALFORMED",
      `every column must have a name, column ${nameless + 1} of ${names.length} has none` +
        `${hint === "" ? "" : `; ${hint}`}`,
      { column: nameless + 1 },
    );
  }
  const places = new Map<string, number>();
  names.forEach((name, place) => {
    const first = places.get(name);
    if (first === undefined) {
      places.set(name, place);
      return;
    }
    throw new BailiwickError(
      "COLUMN_DUPLICATE",
      `column names must differ, "${name}" names columns ${first + 1} and ${place + 1}`,
      { column: name },
    );
  });
}

/**
 * @throws DATA_RAGGED if columns differ in length, DATA_EMPTY without rows or columns, and as
 *   `checkNames`.
 */
export function checkColumns(columns: readonly RawColumn[]): void {
  const nRows = columns[0]?.length ?? 0;
  const other = columns.find(({ length }) => length !== nRows);
  if (other !== undefined) {
    throw new BailiwickError(
      "DATA_RAGGED",
      `columns must be of equal length, "${columns[0]!.name}" has ${nRows} cells, ` +
        `"${other.name}" ${other.length}`,
      { column: other.name, expected: nRows, found: other.length },
    );
  }
  if (nRows === 0) {
    throw new BailiwickError("DATA_EMPTY", "a data file must have columns and rows, got none");
  }
  checkNames(columns.map(({ name }) => name));
}

/**
 * @throws COLUMN_TYPE for a list or an object, DATA_TOO_LARGE for a long text, and as the column's
 *   format does.
 */
export function readCells(column: RawColumn, { placeOf }: Pick<RawTable, "placeOf">): RawCells {
  const { name } = column;
  const read = column.read();
  const { cells } = read;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (typeof cell === "string" && cell.length > MAX_CELL_CHARS) {
      const found = `${placeOf(i)} has ${cell.length}`;
      const message = `column "${name}" must have at most ${MAX_CELL_CHARS} characters in a cell`;
      throw new BailiwickError("DATA_TOO_LARGE", `${message}, ${found}`, { column: name });
    }
    if (typeof cell !== "object" || cell === null) continue;
    throw new BailiwickError(
      "COLUMN_TYPE",
      `column "${name}" must hold numbers or texts, ` +
        `${placeOf(i)} holds ${Array.isArray(cell) ? "a list" : "an object"}`,
      { column: name, place: placeOf(i) },
    );
  }
  return read;
}
