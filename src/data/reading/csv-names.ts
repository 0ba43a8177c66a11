/**
 * Names of a separated text's columns: an index without a name and the empty column behind a last
 * separator are left out, and neither further header rows nor totals at the end are rows of data.
 */
import { count } from "../../shared/wording.ts";
import { seenText } from "./cell.ts";
import { isHeadless, lowerHeaders } from "./csv-headers.ts";
import type { Layout } from "./csv-layout.ts";
import { closingRows } from "./csv-totals.ts";
import { headerNames } from "./header-names.ts";
import type { DecimalMark } from "./number-text.ts";
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
  /** Whether the names look like a row of data. */
  readonly isHeadless: boolean;
}

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
  const textsOf = cells.map((column) => (row: number) => textOf(column[row]));
  const nLower = lowerHeaders(textsOf, all);
  const below = all.slice(nLower);
  const nClosing = closingRows(
    cells.map((column) => (row) => textOf(column[below[row]!])),
    below.length,
    usual,
  );
  const dataRows = below.slice(0, below.length - nClosing);
  const written = cells.map((column): HeadedCells => {
    const heading = textOf(column[0]);
    const lower = all.slice(0, nLower).map((row) => textOf(column[row]));
    return { heading, below: lower, cells: column };
  });
  const { columns, isIndexed } = withoutIndex(written, dataRows);
  const headings = columns.map(({ heading }) => heading);
  const lower = Array.from({ length: nLower }, (_, n) => columns.map((own) => own.below[n]!));
  const { names, repeated } = headerNames(headings, lower);
  const isData = nLower === 0 && isHeadless(textsOf, 0, dataRows);
  checkNames(names, isData ? HEADLESS : "");
  return {
    columns: columns.map((column, j) => ({ name: names[j]!, cells: column.cells })),
    rows: dataRows,
    notes: [
      ...notes,
      ...(isData ? [`${HEADLESS}; it was taken for names`] : []),
      ...describeLower(nLower),
      ...(nClosing === 0 ? [] : [describeClosing(nClosing)]),
      ...(isIndexed ? ["the first column has no name and counts the rows: it was left out"] : []),
      ...[...repeated].map(describeRepeated),
    ],
    repeated: [...repeated.keys()],
    isHeadless: isData,
  };
}

/** What must be done where the names look like data. */
export const HEADLESS =
  "the first row looks like data: put a line with the names of the columns above it";

function describeLower(n: number): readonly string[] {
  if (n === 0) return [];
  const found = n === 1 ? "the first row" : `each of the first ${n} rows`;
  return [
    `${found} below the names holds no numbers where all others do: it belongs to the header`,
  ];
}

/** A column with its texts in the rows of the header. */
interface HeadedCells {
  readonly heading: string;
  readonly below: readonly string[];
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
  const isNameless = ({ heading, below }: HeadedCells): boolean =>
    heading === "" && below.every((text) => text === "");
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

function textOf(cell: unknown): string {
  return seenText(String(cell ?? ""));
}
