/** One column's cells to a typed column, and what there is to say of them. */
import { BailiwickError } from "../../shared/errors.ts";
import type { CategoryColumn, Column, ColumnReading, ColumnType, StrayCells } from "../table.ts";
import { cellLevel, cellText } from "./cell.ts";
import { dateInText } from "./date-text.ts";
import type { DecimalMark } from "./number-text.ts";
import type { RawCells } from "./raw-table.ts";
import {
  isNumeric,
  type Numbers,
  readClocks,
  readDates,
  readNumbers,
  type Typer,
} from "./survey.ts";

export interface TypedColumn {
  readonly column: Column;
  readonly stray: StrayCells | null;
  readonly reading: ColumnReading | null;
}

/** What a column is to be; its type is found out from the cells if not given. */
export interface Wanted {
  readonly type: ColumnType | "date" | undefined;
  readonly decimal: DecimalMark;
  readonly reading: ColumnReading | undefined;
  readonly isStrict: boolean;
}

export function typeColumn(
  name: string,
  { cells, exactBelow }: RawCells,
  wanted: Wanted,
  typer: Typer,
): TypedColumn {
  const { type } = wanted;
  const asCategory = (): TypedColumn => ({
    column: category(name, cells, typer, exactBelow),
    stray: null,
    reading: null,
  });
  if (type === "category") return asCategory();
  if (type !== "number") {
    const dates = typeDates(name, cells, wanted, typer);
    if (dates !== null) return dates;
    if (type === "date") {
      checkNoDates(name, cells, typer);
      return asCategory();
    }
  }
  const numbers = readNumbers(cells, typer, wanted.decimal, wanted.reading?.unit);
  const first = newStray(numbers, cells, wanted);
  if (isNumeric(numbers, cells) && !(wanted.isStrict && first !== undefined)) {
    return numberColumn(name, cells, { numbers, wanted }, typer);
  }
  const clocks = readClocks(cells, typer);
  if (clocks !== null) {
    return { column: { type: "number", name, values: clocks }, stray: null, reading: null };
  }
  if (type === undefined) return asCategory();
  if (first === undefined) return numberColumn(name, cells, { numbers, wanted }, typer);
  throw noNumber(name, cells, { numbers, first }, typer);
}

function noNumber(
  name: string,
  cells: ArrayLike<unknown>,
  { numbers, first }: { readonly numbers: Numbers; readonly first: number },
  { placeOf }: Typer,
): BailiwickError {
  const kind = numbers.hasOtherUnit ? `numbers in the unit ${numbers.unit}` : "numbers";
  return new BailiwickError(
    "COLUMN_TYPE",
    `column "${name}" must hold ${kind}, ${placeOf(first)} holds "${shown(cells[first])}"`,
    { column: name, place: placeOf(first) },
  );
}

/** Cells that are all missing pass. @throws COLUMN_TYPE naming the first that is no date. */
function checkNoDates(name: string, cells: ArrayLike<unknown>, { missing, placeOf }: Typer): void {
  const first = Array.from(cells).findIndex((cell) => {
    const text = cellText(cell, missing);
    return text !== null && dateInText(text, true) === undefined;
  });
  if (first < 0) return;
  const found = `${placeOf(first)} holds "${shown(cells[first])}"`;
  throw new BailiwickError("COLUMN_TYPE", `column "${name}" must hold dates, ${found}`, {
    column: name,
    place: placeOf(first),
  });
}

/** The first row whose cell is neither a number nor a mark that was learnt. */
function newStray(
  { strays }: Numbers,
  cells: ArrayLike<unknown>,
  { reading }: Wanted,
): number | undefined {
  const marks = new Set(reading?.marks ?? []);
  return strays.find((row) => !marks.has(String(cells[row]).trim()));
}

/** null if the column is none of dates. @throws COLUMN_TYPE for dates in two forms. */
function typeDates(
  name: string,
  cells: ArrayLike<unknown>,
  { reading, isStrict }: Wanted,
  typer: Typer,
): TypedColumn | null {
  const dates = readDates(name, cells, typer, reading?.isDayFirst);
  if (dates === null || (isStrict && dates.strays.length > 0)) return null;
  const { moments, strays, isDayFirst } = dates;
  const hasTime = reading?.hasTime ?? moments.some((moment) => moment?.includes("T"));
  return {
    column: { type: "category", name, values: moments },
    stray: strayCells({ column: name, among: "dates" }, cells, strays, typer),
    reading: { column: name, isDate: true, ...(hasTime ? { hasTime } : {}), isDayFirst },
  };
}

/** @throws VALUE_NOT_FINITE naming the first infinite cell. */
function numberColumn(
  name: string,
  cells: ArrayLike<unknown>,
  { numbers, wanted }: { readonly numbers: Numbers; readonly wanted: Wanted },
  typer: Typer,
): TypedColumn {
  const { values, strays, unit } = numbers;
  const infinite = values.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY);
  if (infinite >= 0) {
    const place = typer.placeOf(infinite);
    throw new BailiwickError(
      "VALUE_NOT_FINITE",
      `column "${name}" must hold finite numbers, ${place} holds "${shown(cells[infinite])}"`,
      { column: name, place },
    );
  }
  const marks = [...new Set(strays.map((row) => String(cells[row]).trim()))].slice(0, MAX_MARKS);
  const reading: ColumnReading = {
    column: name,
    ...(wanted.decimal === "," ? { decimal: "," } : {}),
    ...(marks.length === 0 ? {} : { marks: marks.map((mark) => mark.slice(0, MAX_SHOWN)) }),
    ...(unit === "" ? {} : { unit }),
  };
  return {
    column: { type: "number", name, values },
    stray: strayCells({ column: name, among: "numbers" }, cells, strays, typer),
    reading: Object.keys(reading).length > 1 ? reading : null,
  };
}

/** Learnt marks of a column. */
const MAX_MARKS = 20;

/** @throws COLUMN_TYPE for a number that its type may have rounded: two levels could be equal. */
function category(
  name: string,
  cells: ArrayLike<unknown>,
  { missing, placeOf }: Typer,
  exactBelow: number = 2 ** 53,
): CategoryColumn {
  const values = Array.from(cells, (cell, i) => {
    if (typeof cell === "number" && Math.abs(cell) >= exactBelow && Number.isInteger(cell)) {
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must be written as texts or as 64-bit integers to be a category: ` +
          `${placeOf(i)} holds ${cell}, which its number type may have rounded`,
        { column: name, place: placeOf(i) },
      );
    }
    return cellLevel(cell, missing);
  });
  return { type: "category", name, values };
}

/** The cells of a column that count as missing, because the others are numbers or dates. */
function strayCells(
  kind: Pick<StrayCells, "column" | "among">,
  cells: ArrayLike<unknown>,
  rows: readonly number[],
  { placeOf }: Typer,
): StrayCells | null {
  if (rows.length === 0) return null;
  const named = rows.slice(0, MAX_NAMED).map((row) => ({
    text: shown(cells[row]),
    place: placeOf(row),
  }));
  return { ...kind, cells: named, nCells: rows.length };
}

/** Stray cells that a message names. */
const MAX_NAMED = 3;
const MAX_SHOWN = 40;

/** A cell as messages show it. */
function shown(cell: unknown): string {
  const text = String(cell).trim();
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
