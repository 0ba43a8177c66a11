/**
 * Cells to typed columns. A column is numeric if every cell that is there reads as a number, which
 * must then be finite; otherwise it is a category. The file or the caller may say otherwise.
 */
import { closest } from "fastest-levenshtein";
import { BailiwickError } from "../shared/errors.ts";
import type { RawColumn, RawTable } from "./raw-table.ts";
import type { CategoryColumn, Column, ColumnType, Table } from "./table.ts";

/** Cells that mean "nothing was measured", compared without regard to case. */
const MISSING_WORDS: ReadonlySet<string> = new Set(["", "na", "n/a", "nan", "null", "?"]);
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;

export type ColumnTypes = Readonly<Record<string, ColumnType>>;

/**
 * @param types - Types of columns that are not to be inferred.
 * @throws COLUMN_TYPE or VALUE_NOT_FINITE, naming column, place and cell.
 * @throws COLUMN_MISSING if `types` names a column that is not there.
 */
export function typeColumns(raw: RawTable, types: ColumnTypes = {}): Table {
  const names = raw.columns.map(({ name }) => name);
  checkColumnNames(Object.keys(types), names);
  const columns = raw.columns.map((column): Column => {
    const wanted = Object.hasOwn(types, column.name) ? types[column.name] : undefined;
    checkFlat(column, raw.placeOf);
    return typeColumn(column, wanted ?? column.type, raw.placeOf);
  });
  return { nRows: raw.columns[0]?.cells.length ?? 0, columns };
}

/** @throws COLUMN_MISSING naming the nearest column that exists. */
export function checkColumnNames(wanted: readonly string[], names: readonly string[]): void {
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const hint = names.length === 0 ? "" : `, the nearest is "${closest(unknown, [...names])}"`;
  throw new BailiwickError("COLUMN_MISSING", `column "${unknown}" must exist${hint}`, {
    column: unknown,
  });
}

/** Lists and objects in cells are neither numbers nor categories. */
function checkFlat({ name, cells }: RawColumn, placeOf: RawTable["placeOf"]): void {
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i];
    if (typeof cell !== "object" || cell === null) continue;
    const found = Array.isArray(cell) ? "a list" : "an object";
    throw new BailiwickError(
      "COLUMN_TYPE",
      `column "${name}" must hold numbers or texts, ${placeOf(i)} holds ${found}`,
      { column: name, place: placeOf(i) },
    );
  }
}

function typeColumn(
  column: RawColumn,
  wanted: ColumnType | undefined,
  placeOf: RawTable["placeOf"],
): Column {
  const { name, cells } = column;
  if (wanted === "category") return category(column);
  const values = new Float64Array(cells.length);
  for (let i = 0; i < cells.length; i++) {
    const number = toNumber(cells[i]);
    if (number === undefined) {
      if (wanted === undefined) return category(column);
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must hold numbers, ${placeOf(i)} holds "${cellText(cells[i])}"`,
        { column: name, place: placeOf(i) },
      );
    }
    values[i] = number;
  }
  const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (infinite >= 0) {
    throw new BailiwickError(
      "VALUE_NOT_FINITE",
      `column "${name}" must hold finite numbers, ${placeOf(infinite)} holds "${cells[infinite]}"`,
      { column: name, place: placeOf(infinite) },
    );
  }
  return { type: "number", name, values };
}

function category({ name, cells }: RawColumn): CategoryColumn {
  return { type: "category", name, values: Array.from(cells, cellText) };
}

/** The cell as text, trimmed; null where it is missing. */
function cellText(cell: unknown): string | null {
  if (cell === null || cell === undefined) return null;
  const text = String(cell).trim();
  return MISSING_WORDS.has(text.toLowerCase()) ? null : text;
}

/**
 * The number in a cell as a person would write it ("0x10" is text), NaN where it is missing;
 * undefined if it holds anything else.
 */
function toNumber(cell: unknown): number | undefined {
  if (typeof cell === "number" || typeof cell === "bigint") return Number(cell);
  if (typeof cell === "string" && NUMBER.test(cell)) return Number(cell);
  const text = cellText(cell);
  if (text === null) return Number.NaN;
  if (NUMBER.test(text)) return Number(text);
  if (!INFINITE.test(text)) return undefined;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
