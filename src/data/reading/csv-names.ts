/**
 * Names of a separated text's columns: an index without a name and the empty column behind a last
 * separator are left out, and neither a second header row nor totals at the end are rows of data.
 */
import { count } from "../../shared/wording.ts";
import { missingMarks } from "./cell.ts";
import type { Layout } from "./csv-layout.ts";
import { closingRows } from "./csv-totals.ts";
import { headerNames } from "./header-names.ts";
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
  /** Names that the header has several times; the first such column keeps it. */
  readonly repeated: readonly string[];
}

/** Rows that are looked at to tell a second header from a row. */
const SAMPLE_ROWS = 50;
/** The share of row numbers that differ, or that go up by one. */
const MOSTLY = 0.9;

/** @throws DATA_MALFORMED for a column without a name. */
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
  const written = cells.map((column): HeadedCells => {
    const heading = textOf(column[0]);
    return { heading, below: second === null ? "" : textOf(column[second]), cells: column };
  });
  const { columns, isIndexed } = withoutIndex(written, dataRows);
  const headings = columns.map(({ heading }) => heading);
  const lower = second === null ? null : columns.map((column) => column.below);
  const { names, repeated } = headerNames(headings, lower);
  checkNames(names);
  const isSame = names.every((name, j) => name === headings[j]);
  const which = isSame ? "the first row below the header" : "the second of two header rows";
  return {
    columns: columns.map((column, j) => ({ name: names[j]!, cells: column.cells })),
    rows: dataRows,
    notes: [
      ...notes,
      ...(second === null ? [] : [`${which} holds no numbers where all others do: it is no row`]),
      ...(nClosing === 0 ? [] : [describeClosing(nClosing)]),
      ...(isIndexed ? ["the first column has no name and counts the rows: it was left out"] : []),
      ...[...repeated].map(describeRepeated),
    ],
    repeated: [...repeated.keys()],
  };
}

/** A column with its texts in one header row or two. */
interface HeadedCells {
  readonly heading: string;
  readonly below: string;
  readonly cells: ArrayLike<unknown>;
}

function describeRepeated([name, others]: readonly [string, readonly string[]]): string {
  const named = others.map((other) => `"${other}"`).join(", ");
  const are = others.length === 1 ? "one more column is" : `${others.length} more columns are`;
  return `${are} named "${name}": read as ${named}`;
}

function describeClosing(n: number): string {
  return n === 1
    ? "the last row sums up the rows above it: it was left out"
    : `the last ${n} rows sum up the rows above them: they were left out`;
}

/** Leaves out empty columns without a name, and a first one without a name that counts the rows. */
function withoutIndex(
  written: readonly HeadedCells[],
  rows: readonly number[],
): { readonly columns: readonly HeadedCells[]; readonly isIndexed: boolean } {
  const isNameless = ({ heading, below }: HeadedCells): boolean => heading === "" && below === "";
  const isEmpty = (column: HeadedCells): boolean =>
    isNameless(column) && rows.every((row) => textOf(column.cells[row]) === "");
  const filled = written.filter((column) => !isEmpty(column));
  const [first] = filled;
  if (first === undefined) return { columns: written, isIndexed: false };
  const isIndexed = isNameless(first) && filled.length > 1 && countsRows(first, rows);
  return { columns: isIndexed ? filled.slice(1) : filled, isIndexed };
}

/**
 * Whether a column has another value in every row, as the names of rows do; or whole numbers that
 * mostly differ or go up by one, as row numbers do where files were joined or rows are copies.
 */
function countsRows({ cells }: HeadedCells, rows: readonly number[]): boolean {
  const texts = rows.map((row) => textOf(cells[row]));
  const nDistinct = new Set(texts).size;
  if (texts.length < 2 || nDistinct === texts.length) return texts.length > 1;
  if (!texts.every((text) => /^\d+$/.test(text))) return false;
  const nSteps = texts.filter(
    (text, i) => i > 0 && Number(text) === Number(texts[i - 1]) + 1,
  ).length;
  return Math.max(nDistinct, nSteps) >= MOSTLY * texts.length;
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
  const texts = numeric.map((column) => textOf(column[first])).filter((text) => !isMissing(text));
  return (
    texts.length > 1 &&
    texts.length >= numeric.length / 2 &&
    texts.every((text) => numberInText(text, ".") === undefined)
  );
}

function textOf(cell: unknown): string {
  return String(cell ?? "").trim();
}
