/**
 * A table as read from the user's file: named columns of numbers or of categories.
 *
 * Nothing here is standardised or dropped; that is preprocessing. Missing numbers are NaN and
 * missing categories null.
 */

export interface NumberColumn {
  readonly type: "number";
  readonly name: string;
  /** NaN where missing; infinities are refused when read. Shape (nRows,). */
  readonly values: Float64Array;
}

export interface CategoryColumn {
  readonly type: "category";
  readonly name: string;
  /** null where missing. Shape (nRows,). */
  readonly values: readonly (string | null)[];
}

export type Column = NumberColumn | CategoryColumn;
export type ColumnType = Column["type"];

export interface Table {
  readonly nRows: number;
  /** In the file's order; names are unique. */
  readonly columns: readonly Column[];
}
