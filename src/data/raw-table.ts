/** What every format is read to before its columns get types: named columns of cells. */
import { BailiwickError } from "../shared/errors.ts";
import type { ColumnType } from "./table.ts";

/** A column as it stood in the file: text, or what JSON or Arrow held. null where nothing was. */
export interface RawColumn {
  readonly name: string;
  readonly cells: ArrayLike<unknown>;
  /** Where the file itself says; inferred from the cells if not given. */
  readonly type?: ColumnType | undefined;
}

export interface RawTable {
  readonly columns: readonly RawColumn[];
  /** Where the user finds row `i`, counted from 0: "line 7", "row 3". */
  placeOf(i: number): string;
}

/** Rows of a format without lines are counted from 1. */
export function placeOfRow(i: number): string {
  return `row ${i + 1}`;
}

/** @throws DATA_MALFORMED for a column without a name, COLUMN_DUPLICATE for one name twice. */
export function checkNames(names: readonly string[]): void {
  const nameless = names.indexOf("");
  if (nameless >= 0) {
    throw new BailiwickError(
      "DATA_MALFORMED",
      `every column must have a name, column ${nameless + 1} of ${names.length} has none`,
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
}
