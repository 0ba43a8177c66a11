/** Rows without a value in any column that a model reads: their answers say nothing of them. */
import { inputColumns } from "./apply-preprocessing.ts";
import type { Preprocessing } from "./preprocessing.ts";
import type { Table } from "./table.ts";

const MAX_NAMED = 5;

/**
 * One sentence with the numbers of such rows, counted from 1; empty if there are none.
 *
 * @param table - With the model's columns; one that it lacks is passed over.
 */
export function describeBlankRows(
  preprocessing: Pick<Preprocessing, "features">,
  table: Table,
): readonly string[] {
  const read = new Set(inputColumns(preprocessing).map(({ name }) => name));
  const columns = table.columns.filter(({ name }) => read.has(name));
  const isBlank = (row: number): boolean =>
    columns.every(({ values }) => values[row] === null || Number.isNaN(values[row]));
  const blank = Array.from({ length: table.nRows }, (_, row) => row).filter(isBlank);
  if (columns.length === 0 || blank.length === 0) return [];
  const numbers = blank.slice(0, MAX_NAMED).map((row) => row + 1);
  const more = blank.length > numbers.length ? " and others" : "";
  const rows =
    blank.length === 1 ? `row ${numbers[0]} has` : `rows ${numbers.join(", ")}${more} have`;
  return [`${rows} no value in any column that the model reads: such a prediction is a guess`];
}
