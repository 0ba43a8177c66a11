/**
 * Columns of codes that look like numbers: postal codes, article numbers. As numbers `01234` and
 * `1234` are one, and a mean of two codes means nothing.
 *
 * No program writes a measured number with leading zeros and all of one length, but people write
 * times and days so (`0930`, `010224`), and angles of three digits (`080`): these are none.
 */
import { cellText, type Missing } from "./cell.ts";
import { numberInText } from "./number-text.ts";

const MIN_LENGTH = 4;
/** Cells with leading zeros, and their share: of postal codes of a country, often a tenth. */
const MIN_ZEROS = 2;
const LEAST_ZEROS = 0.02;
/** Other texts may be this share. */
const MAX_STRAYS = 0.1;

const DAY = "(?:0[1-9]|[12]\\d|3[01])";
const MONTH = "(?:0[1-9]|1[0-2])";
const YEAR = "(?:1[89]|20|21)\\d\\d";
/** Hours and minutes, and days, without marks between them. */
const MOMENTS = [
  ...["(?:[01]\\d|2[0-4])[0-5]\\d", "(?:[01]\\d|2[0-4])[0-5]\\d[0-5]\\d"],
  ...[`${DAY}${MONTH}`, `${MONTH}${DAY}`],
  ...[`${DAY}${MONTH}\\d\\d`, `${MONTH}${DAY}\\d\\d`, `\\d\\d${MONTH}${DAY}`],
  ...[`${DAY}${MONTH}${YEAR}`, `${MONTH}${DAY}${YEAR}`],
].map((form) => new RegExp(`^${form}$`));

/** One of a column's codes, with leading zeros; null if its cells are no codes. */
export function codeIn(cells: ArrayLike<unknown>, missing: Missing): string | null {
  const digits = digitsOf(cells, missing);
  const zeros = digits.filter((text) => text.startsWith("0"));
  const [first] = zeros;
  if (first === undefined || first.length < MIN_LENGTH) return null;
  if (zeros.length < Math.max(MIN_ZEROS, LEAST_ZEROS * digits.length)) return null;
  return MOMENTS.some((form) => digits.every((text) => form.test(text))) ? null : first;
}

/** The cells of digits alone; none unless all are of one length, and few others hold texts. */
function digitsOf(cells: ArrayLike<unknown>, missing: Missing): readonly string[] {
  const digits: string[] = [];
  let nStrays = 0;
  for (let i = 0; i < cells.length; i++) {
    const text = cellText(cells[i], missing);
    if (text === null) continue;
    const isCode = typeof cells[i] === "string" && /^\d+$/.test(text);
    if (isCode && text.length === (digits[0] ?? text).length) digits.push(text);
    else if (isCode || numberInText(text, ".") !== undefined) return [];
    else nStrays++;
  }
  return nStrays > MAX_STRAYS * (digits.length + nStrays) ? [] : digits;
}
