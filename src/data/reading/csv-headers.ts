/**
 * How many rows of a separated text are its header: a file may have rows of units and descriptions
 * below its names, or no names at all.
 */
import { missingMarks } from "./cell.ts";
import { dateInText } from "./date-text.ts";
import { numberInText } from "./number-text.ts";

/** Rows that are looked at to tell a header from a row. */
const SAMPLE_ROWS = 50;
/** Rows below the names that a header may have. */
const MAX_LOWER = 3;
/** Names that go up by steps are numbers of columns, or wavelengths, if there are three or more. */
const MIN_STEPS = 3;

const { isText: isMissing } = missingMarks();

/** A column's texts, without space around them. */
type Texts = (row: number) => string;

/**
 * The number of rows below the names that belong to the header: they hold texts where all rows
 * below them hold numbers, in several columns.
 *
 * @param rows - The rows below the names.
 */
export function lowerHeaders(columns: readonly Texts[], rows: readonly number[]): number {
  for (let n = 1; n <= MAX_LOWER; n++) {
    const below = rows.slice(n, n + SAMPLE_ROWS);
    if (below.length < 2) return 0;
    const numeric = columns.filter((text) => holdsNumbers(text, below));
    if (rows.slice(0, n).every((row) => holdsTexts(numeric, row))) return n;
  }
  return 0;
}

function holdsNumbers(text: Texts, rows: readonly number[]): boolean {
  const present = rows.map(text).filter((cell) => !isMissing(cell));
  return present.length > 0 && present.every(isNumber);
}

function holdsTexts(numeric: readonly Texts[], row: number): boolean {
  const texts = numeric.map((text) => text(row)).filter((cell) => !isMissing(cell));
  return texts.length > 1 && texts.length >= numeric.length / 2 && !texts.some(isNumber);
}

/**
 * Whether the first row looks like data: it holds numbers where the rows below hold numbers, in
 * several columns, and elsewhere dates or texts that a row below holds too.
 *
 * @param header - The number of the first row.
 */
export function isHeadless(
  columns: readonly Texts[],
  header: number,
  rows: readonly number[],
): boolean {
  const below = rows.slice(0, SAMPLE_ROWS);
  const numeric = columns.filter((text) => holdsNumbers(text, below));
  const names = numeric.map((text) => text(header)).filter((name) => !isMissing(name));
  if (names.length < 2 || !names.every(isNumber) || goesBySteps(names.map(Number))) return false;
  return columns.every((text) => {
    if (numeric.includes(text)) return true;
    const name = text(header);
    if (isMissing(name) || dateInText(name, true) !== undefined) return true;
    return rows.some((row) => text(row) === name);
  });
}

function goesBySteps(numbers: readonly number[]): boolean {
  const step = numbers[1]! - numbers[0]!;
  const isEven = numbers.every((value, i) => i === 0 || value - numbers[i - 1]! === step);
  return numbers.length >= MIN_STEPS && step !== 0 && isEven;
}

function isNumber(text: string): boolean {
  return numberInText(text, ".") !== undefined;
}
