/**
 * What the cells of a column are, taken together: numbers, but for a few cells; times of day;
 * dates; or levels of a category.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { cellNumber, cellText, type Missing } from "./cell.ts";
import { clockInText, type DateForm, dateInText } from "./date-text.ts";
import { type DecimalMark, isSameUnit, numberInText } from "./number-text.ts";
import type { RawTable } from "./raw-table.ts";

/** How cells are read: which are missing, and where the user finds row `i`. */
export interface Typer {
  readonly missing: Missing;
  readonly placeOf: RawTable["placeOf"];
}

/** The cells that are no numbers may be this share of a column of numbers. */
const MAX_STRAYS = 0.1;
/** Or this share, if they are few different texts among many different numbers. */
const MAX_REPEATED = 0.5;
const MAX_MARKS = 3;
const MIN_NUMBERS = 10;
/** Informative cells after which a column's decimal mark is settled. */
const ENOUGH_VOTES = 200;

/** Votes of a column's cells for one decimal mark, less those for the other. */
export interface DecimalVotes {
  readonly comma: number;
  readonly isAmbiguous: boolean;
}

export function decimalVotes(cells: ArrayLike<unknown>): DecimalVotes {
  let [comma, point, isAmbiguous] = [0, 0, false];
  for (let i = 0; i < cells.length && comma + point < ENOUGH_VOTES; i++) {
    const cell = cells[i];
    if (typeof cell !== "string" || !/[.,]/.test(cell)) continue;
    const read = numberInText(cell.trim(), ".");
    if (read?.proves === ",") comma++;
    else if (read?.proves === ".") point++;
    isAmbiguous ||= read?.isAmbiguous === true;
  }
  return { comma: comma - point, isAmbiguous };
}

/** A column's cells as numbers. */
export interface Numbers {
  /** NaN where missing or stray. */
  readonly values: Float64Array;
  /** The rows of cells that are neither numbers nor missing. */
  readonly strays: readonly number[];
  /** Cells that are numbers. */
  readonly nNumbers: number;
  /** What stands beside the numbers: "%", "kg". */
  readonly unit: string;
  /** Whether other cells have another unit. */
  readonly hasOtherUnit: boolean;
}

/**
 * Numbers of the column's commonest unit, and of none; all other cells are strays.
 *
 * @param learnt - The unit of training rows, in place of the commonest: 500 g are no 500 kg.
 */
export function readNumbers(
  cells: ArrayLike<unknown>,
  { missing }: Typer,
  decimal: DecimalMark,
  learnt?: string,
): Numbers {
  const values = new Float64Array(cells.length);
  const odd: number[] = [];
  const units = new Map<string, number[]>();
  for (let i = 0; i < cells.length; i++) {
    const read = readCell(cells[i], missing, decimal);
    values[i] = read?.value ?? Number.NaN;
    if (read === undefined) odd.push(i);
    else if (read.unit !== "") {
      const rows = units.get(read.unit);
      if (rows === undefined) units.set(read.unit, [i]);
      else rows.push(i);
    }
  }
  const [commonest] = [...units].sort(([, a], [, b]) => b.length - a.length);
  const main = learnt ?? commonest?.[0] ?? "";
  const others = [...units].filter(([unit]) => !isSameUnit(unit, main)).flatMap(([, rows]) => rows);
  for (const row of others) values[row] = Number.NaN;
  const strays = [...odd, ...others].sort((a, b) => a - b);
  const nNumbers = values.reduce((n, value) => (Number.isNaN(value) ? n : n + 1), 0);
  return { values, strays, nNumbers, unit: main, hasOtherUnit: others.length > 0 };
}

function readCell(cell: unknown, missing: Missing, decimal: DecimalMark) {
  const isText = typeof cell === "string" && (decimal === "," || !/^[-+\d.eE]+$/.test(cell));
  const plain =
    isText && decimal === "," && cell.includes(".") ? undefined : cellNumber(cell, missing);
  if (plain !== undefined) return { value: plain, unit: "" };
  const text = cellText(cell, missing);
  if (text === null) return { value: Number.NaN, unit: "" };
  return numberInText(text, decimal);
}

/** Whether a column is one of numbers, but for its stray cells. */
export function isNumeric(
  { values, strays, nNumbers, hasOtherUnit }: Numbers,
  cells: ArrayLike<unknown>,
): boolean {
  if (strays.length === 0) return true;
  const share = strays.length / (nNumbers + strays.length);
  if (nNumbers === 0 || share > MAX_REPEATED) return false;
  if (share <= MAX_STRAYS) return true;
  const marks = new Set(strays.map((row) => String(cells[row]).trim().toLowerCase()));
  if (marks.size > MAX_MARKS || hasOtherUnit) return false;
  return new Set(values.filter((value) => !Number.isNaN(value))).size >= MIN_NUMBERS;
}

/** Times of day in seconds; null unless every cell that is there is one. */
export function readClocks(cells: ArrayLike<unknown>, { missing }: Typer): Float64Array | null {
  const values = new Float64Array(cells.length).fill(Number.NaN);
  let n = 0;
  for (let i = 0; i < cells.length; i++) {
    const text = cellText(cells[i], missing);
    if (text === null) continue;
    const seconds = clockInText(text);
    if (seconds === undefined) return null;
    values[i] = seconds;
    n++;
  }
  return n === 0 ? null : values;
}

/** A column of dates in their canonical spelling, null where missing or stray. */
export interface Dates {
  readonly moments: readonly (string | null)[];
  readonly strays: readonly number[];
  readonly isDayFirst: boolean;
}

/** Cells of which some must be dates before all are looked at. */
const SAMPLE_CELLS = 50;
/** Days and compact dates of these years can be told from other numbers. */
const LIKELY = /^(?:19|20)\d\d[01]\d[0-3]\d$/;

/**
 * @param isDayFirst - Where no cell tells; found out from the cells if not given.
 * @returns null if the column holds anything else than dates, but for a few cells.
 * @throws COLUMN_TYPE for dates in two forms, naming both.
 */
export function readDates(
  column: string,
  cells: ArrayLike<unknown>,
  { missing, placeOf }: Typer,
  isDayFirst?: boolean,
): Dates | null {
  const texts = Array.from(cells, (cell) => cellText(cell, missing));
  const forms = formsOf(texts);
  if (forms === null) return null;
  const [one, other] = forms;
  if (other !== undefined) throw twoForms(column, [one!, other], cells, placeOf);
  const usesPoints = texts.some((text) => text !== null && /^\d{1,2}[.-]/.test(text));
  const isDay = one?.[0] === "day first" || (one?.[0] === "day or month" && usesPoints);
  const dayFirst = isDayFirst ?? isDay;
  const strays: number[] = [];
  const moments = texts.map((text, i) => {
    const moment = text === null ? null : (dateInText(text, dayFirst)?.moment ?? null);
    if (text !== null && moment === null) strays.push(i);
    return moment;
  });
  return { moments, strays, isDayFirst: dayFirst };
}

/** The forms of the dates, each with its first row; null if few texts are dates. */
function formsOf(texts: readonly (string | null)[]): ReadonlyMap<DateForm, number> | null {
  const present = texts.flatMap((text, i) => (text === null ? [] : [i]));
  const first = texts[present[0] ?? 0];
  if (first == null || (/^\d+$/.test(first) && !LIKELY.test(first))) return null;
  const readAt = (i: number) => dateInText(texts[i]!, false);
  const sample = present.slice(0, SAMPLE_CELLS);
  const leastShare = sample.length < SAMPLE_CELLS ? 1 - MAX_STRAYS : 0.5;
  const nLikely = sample.filter((i) => readAt(i) !== undefined).length;
  if (nLikely < leastShare * sample.length) return null;
  const forms = new Map<DateForm, number>();
  let nDates = 0;
  for (const i of present) {
    const read = readAt(i);
    if (read === undefined) continue;
    nDates++;
    if (!forms.has(read.form)) forms.set(read.form, i);
  }
  // Such a cell follows those that tell day from month.
  if (forms.has("day first") || forms.has("month first")) forms.delete("day or month");
  return nDates < (1 - MAX_STRAYS) * present.length ? null : forms;
}

function twoForms(
  column: string,
  forms: readonly (readonly [DateForm, number])[],
  cells: ArrayLike<unknown>,
  placeOf: RawTable["placeOf"],
): BailiwickError {
  const found = forms.map(
    ([form, i]) => `${placeOf(i)} has "${String(cells[i]).trim()}" (${form})`,
  );
  const message = `column "${column}" must have dates in one form, ${found.join(" and ")}`;
  const hint = `--types "${column}=category" reads them as texts`;
  return new BailiwickError("COLUMN_TYPE", `${message}; ${hint}`, { column });
}
