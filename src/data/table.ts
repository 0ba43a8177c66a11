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

/** Cells of a column of numbers or dates that are neither, and count as missing. */
export interface StrayCells {
  readonly column: string;
  readonly among: "numbers" | "dates";
  /** The first of them: its text, and where the file has it ("line 7"). At least one. */
  readonly cells: readonly { readonly text: string; readonly place: string }[];
  readonly nCells: number;
}

/**
 * How a column's cells are read, as far as it is not plain: learnt from a file, kept in a bundle,
 * so that later files and requests are read alike.
 */
export interface ColumnReading {
  readonly column: string;
  /** The decimal mark is a comma, where a cell does not tell. */
  readonly decimal?: ",";
  /** Texts among the numbers that count as missing. */
  readonly marks?: readonly string[];
  /** What stands beside the numbers: "%", "$", "kg". */
  readonly unit?: string;
  /** The cells are dates: levels in the canonical spelling of moments. */
  readonly isDate?: true;
  /** Some of the dates have a time of day. */
  readonly hasTime?: true;
  /** Whether 05/01/2024 is in January. */
  readonly isDayFirst?: boolean;
}

/** A feature that is the effect of a category's levels on the target. */
export interface LevelEffects {
  readonly column: string;
  /** In alphabetical order. */
  readonly levels: readonly string[];
  /** One a level, in standard deviations of the target. */
  readonly effects: readonly number[];
}

export interface Table {
  readonly nRows: number;
  /** In the file's order; names are unique. */
  readonly columns: readonly Column[];
  /** By column name, for the columns whose texts the reader was asked to keep. */
  readonly spellings?: ReadonlyMap<string, Spelling>;
  /** The texts that mark a missing value in this table; the default words if absent. */
  readonly missing?: readonly string[];
  /** Cells that count as missing, because others of their column are numbers or dates. */
  readonly strays?: readonly StrayCells[];
  /** Of the columns that are not read plainly. */
  readonly readings?: readonly ColumnReading[];
  /** Cells as the file has them, by column name: texts, numbers, booleans; null where absent. */
  readonly carried?: ReadonlyMap<string, ArrayLike<unknown>>;
  /**
   * Of the categories whose levels look like numbers, `01234`, by column name: one of the levels.
   */
  readonly codes?: ReadonlyMap<string, string>;
  /** Of the number columns that are effects of a category's levels. */
  readonly effects?: readonly LevelEffects[];
  /** What the reader left out of the file, a sentence each. */
  readonly notes?: readonly string[];
  /** Names that the file gives to several columns; the first such column keeps it. */
  readonly repeated?: readonly string[];
  /** Whether the names look like a row of data. */
  readonly isHeadless?: boolean;
}
