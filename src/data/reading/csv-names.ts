/**
 * Names of a separated text's columns: an index without a name and the empty column behind a last
 * separator are left out, and neither a second header row nor totals at the end are rows of data.
 */
import { count } from "../../shared/wording.ts";
import { missingMarks } from "./cell.ts";
import type { Layout } from "./csv-layout.ts";
import { closingRows } from "./csv-totals.ts";
import { type DecimalMark, numberInText } from "./number-text.ts";
import { checkNames } from "./raw-table.ts";

export interface NamedCells {
  readonly name: string;
  /** From the header's cell on. */
  readonly cells: ArrayLike<unknown>;
}

export interface NamedColumns {
  readonly columns: readonly NamedCells[];
  readonly rows: readonly number[];
  readonly notes: readonly string[];
}

/** Rows that are looked at to tell a second header from a row. */
const SAMPLE_ROWS = 50;

/** @throws DATA_MALFORMED for a column without a name, COLUMN_DUPLICATE for one name twice. */
export function nameColumns(
  cells: readonly ArrayLike<unknown>[],
  { rows: all, nSkipped, nBelow }: Layout,
  usual: DecimalMark,
): NamedColumns {
  const notes = [
    ...(nSkipped === 0 ? [] : [`left out above the header: ${count(nSkipped, "line")}`]),
    ...(nBelow === 0 ? [] : [`left out below the rows: ${count(nBelow, "line")}`]),
  ];
  const second = isHeader(cells, all) ? all[0]! : null;
  const below = second === null ? all : all.slice(1);
  const nClosing = closingRows(
    cells.map((column) => (row) => textOf(column[below[row]!])),
    below.length,
    usual,
  );
  const dataRows = below.slice(0, below.length - nClosing);
  if (nClosing > 0) notes.push(describeClosing(nClosing));
  const named = cells.map((column): NamedCells => ({ name: textOf(column[0]), cells: column }));
  if (second === null) return withoutIndex(named, dataRows, notes);
  const names = named.map(({ name }) => name);
  const isWhole = !names.includes("") && new Set(names).size === names.length;
  const better = named.map(({ cells: column }) => ({
    name: textOf(column[second]),
    cells: column,
  }));
  const which = isWhole ? "the first row below the header" : "the first of two header rows";
  notes.push(`${which} holds no numbers where all others do: it was left out`);
  return withoutIndex(isWhole ? named : better, dataRows, notes);
}

function describeClosing(n: number): string {
  return n === 1
    ? "the last row sums up the rows above it: it was left out"
    : `the last ${n} rows sum up the rows above them: they were left out`;
}

function withoutIndex(
  named: readonly NamedCells[],
  rows: readonly number[],
  notes: string[],
): NamedColumns {
  const isEmpty = ({ name, cells }: NamedCells): boolean =>
    name === "" && rows.every((row) => textOf(cells[row]) === "");
  const filled = named.filter((column) => !isEmpty(column));
  const [first] = filled;
  const isIndex = first?.name === "" && filled.length > 1 && countsRows(first, rows);
  if (isIndex) notes.push("the first column has no name and counts the rows: it was left out");
  const columns = isIndex ? filled.slice(1) : filled.length === 0 ? named : filled;
  checkNames(columns.map(({ name }) => name));
  return { columns, rows, notes };
}

/** Whether a column has another value in every row, as the names of rows do. */
function countsRows({ cells }: NamedCells, rows: readonly number[]): boolean {
  return rows.length > 1 && new Set(rows.map((row) => textOf(cells[row]))).size === rows.length;
}

/** Whether the first row holds texts where all rows below hold numbers, in several columns. */
function isHeader(cells: readonly ArrayLike<unknown>[], [first, ...others]: readonly number[]) {
  const below = others.slice(0, SAMPLE_ROWS);
  const { isText: isMissing } = missingMarks();
  if (first === undefined || below.length < 2) return false;
  const numeric = cells.filter((column) => {
    const texts = below.map((row) => textOf(column[row])).filter((text) => !isMissing(text));
    return texts.length > 0 && texts.every((text) => numberInText(text, ".") !== undefined);
  });
  const texts = numeric.map((column) => textOf(column[first])).filter((text) => text !== "");
  return (
    texts.length > 1 &&
    texts.length >= numeric.length / 2 &&
    texts.every((text) => !isMissing(text) && numberInText(text, ".") === undefined)
  );
}

function textOf(cell: unknown): string {
  return String(cell ?? "").trim();
}
