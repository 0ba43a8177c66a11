/**
 * A table that was read from a file or given by a program: named columns of numbers or categories.
 *
 * Values are as read: preprocessing scales them. Missing numbers are NaN, missing categories null.
 * Where a caller needs a column as a key (a group, a row to forget), the table also keeps the text
 * of the cells, because a number does not give back "01234" or 9007199254740993.
 */

export interface NumberColumn {
  readonly type: "number";
  readonly name: string;
  /** NaN where missing; readers refuse infinities. Shape (nRows,). */
  readonly values: Float64Array;
}

export interface CategoryColumn {
  readonly type: "category";
  readonly name: string;
  /** Levels in their canonical spelling (cell.ts), null where missing. Shape (nRows,). */
  readonly values: readonly (string | null)[];
}

export type Column = NumberColumn | CategoryColumn;
export type ColumnType = Column["type"];

/** How the file spelled the cells of one column. */
export interface Spelling {
  /** By row: the cell's text, for the cells whose text differs from `String(value)`. */
  readonly texts: ReadonlyMap<number, string>;
  /**
   * The place ("row 3") of a number that the file's number type may have rounded: different
   * identifiers can be equal there. null if every cell is exact.
   */
  readonly rounded: string | null;
}

/** A column of numbers except for a few cells, which make it a category. */
export interface StrayCells {
  readonly column: string;
  /** The first such cell: its text, and where the file has it ("line 7"). */
  readonly text: string;
  readonly place: string;
  readonly nCells: number;
}

export interface Table {
  readonly nRows: number;
  /** In the file's order; names are unique. */
  readonly columns: readonly Column[];
  /** By column name, for the columns whose texts the reader was asked to keep. */
  readonly spellings?: ReadonlyMap<string, Spelling>;
  /** The texts that mark a missing value in this table; the default words if absent. */
  readonly missing?: readonly string[];
  /** Columns that look like numbers but are categories; empty or absent if there is none. */
  readonly strays?: readonly StrayCells[];
}
