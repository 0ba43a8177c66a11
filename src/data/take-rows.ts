/** Rows of a table, in any order, with the spellings of their cells. */
import type { Column, Spelling, Table } from "./table.ts";

/** @param rows - Row numbers; the result's row r is the table's row `rows[r]`. */
export function takeTableRows(table: Table, rows: ArrayLike<number>): Table {
  const { spellings, columns } = table;
  return {
    ...table,
    nRows: rows.length,
    columns: columns.map((column) => takeCells(column, rows)),
    ...(spellings === undefined ? {} : { spellings: takeSpellings(spellings, rows) }),
  };
}

/** The cells of a column at the given rows. */
export function takeCells(column: Column, rows: ArrayLike<number>): Column {
  if (column.type === "number") {
    return { ...column, values: Float64Array.from(rows, (i) => column.values[i]!) };
  }
  return { ...column, values: Array.from(rows, (i) => column.values[i]!) };
}

function takeSpellings(
  spellings: ReadonlyMap<string, Spelling>,
  rows: ArrayLike<number>,
): ReadonlyMap<string, Spelling> {
  const entries = Array.from(spellings, ([name, { texts, rounded }]) => {
    const taken = new Map<number, string>();
    for (let r = 0; r < rows.length; r++) {
      const text = texts.get(rows[r]!);
      if (text !== undefined) taken.set(r, text);
    }
    return [name, { texts: taken, rounded }] as const;
  });
  return new Map(entries);
}
