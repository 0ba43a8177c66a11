/**
 * What one cell means: missing, a number, or a level in its canonical spelling.
 *
 * Formats spell one value in several ways: CSV files from pandas have `True`, `3.0` and
 * `2024-01-01 00:00:00` where JSON has `true` and `3` and Arrow has a boolean, a double and a
 * timestamp. A category compares levels by text, so that every reader writes each of them in one
 * way. All patterns take time linear in the cell's length.
 */
import { momentText, offsetMs } from "./moment.ts";

/** Cells that are missing values where the user names no marks; compared in lower case. */
export const DEFAULT_MISSING: readonly string[] = [
  ...["", "na", "n/a", "n.a.", "nan", "null", "?", "-", "--", ".", "#n/a", "#na", "<na>", "n/d"],
  ...["#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!"],
];

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const BOOLEAN = /^(?:true|false)$/i;
const WHOLE = /^([+-]?)(\d+)(?:\.(0*))?$/;
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Characters without width that programs leave in texts: marks of bytes, direction and breaks. */
const NO_WIDTH = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/g;
/** Spaces at which a line may not break, or of another width. */
const OTHER_SPACES = /[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;

/** A text as people see it: without space around it and characters that they cannot see. */
export function seenText(text: string): string {
  // Most texts are of plain characters.
  if (!/[\u00a0\u00ad\u2000-\u3000\ufeff]/.test(text)) return text.trim();
  return text.replace(NO_WIDTH, "").replace(OTHER_SPACES, " ").trim();
}

/** Which cells are missing values. */
export interface Missing {
  /** @param text - Trimmed. */
  isText(text: string): boolean;
  isNumber(value: number): boolean;
}

/**
 * @param marks - The texts that mark a missing value, compared exactly, or by value where they are
 *   numbers; the default words, in any case, if not given. An empty cell is always missing.
 */
export function missingMarks(marks?: readonly string[]): Missing {
  if (marks === undefined) {
    const words = new Set(DEFAULT_MISSING);
    const longest = Math.max(...DEFAULT_MISSING.map(({ length }) => length));
    return {
      isText: (text) => text.length <= longest && words.has(text.toLowerCase()),
      isNumber: Number.isNaN,
    };
  }
  const trimmed = marks.map((mark) => mark.trim());
  const texts = new Set(["", ...trimmed]);
  const numbers = new Set(trimmed.filter((mark) => NUMBER.test(mark)).map(Number));
  return {
    isText: (text) => texts.has(text),
    isNumber: (value) => Number.isNaN(value) || numbers.has(value),
  };
}

/** The cell's text as people see it; null for a cell that is missing. */
export function cellText(cell: unknown, missing: Missing): string | null {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "number" && missing.isNumber(cell)) return null;
  const text = seenText(String(cell));
  return missing.isText(text) ? null : text;
}

/** The cell's level in its canonical spelling; null for a cell that is missing. */
export function cellLevel(cell: unknown, missing: Missing): string | null {
  const text = cellText(cell, missing);
  if (text === null) return null;
  const level = canonicalLevel(text);
  return level !== text && missing.isText(level) ? null : level;
}

/**
 * The number in a cell as a person writes it (`0x10` is text), NaN where the cell is missing,
 * undefined if it holds anything else.
 */
export function cellNumber(cell: unknown, missing: Missing): number | undefined {
  const isNumber = typeof cell === "number" || typeof cell === "bigint";
  const text = isNumber ? null : cellText(cell, missing);
  if (!isNumber && text === null) return Number.NaN;
  if (text === null || NUMBER.test(text)) {
    const value = Number(text ?? cell);
    return missing.isNumber(value) ? Number.NaN : value;
  }
  if (!INFINITE.test(text)) return undefined;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/**
 * The one spelling of a level:
 *
 * - `True`, `TRUE` → `true`;
 * - whole numbers lose a fraction of zeros and a plus sign: `3.0`, `+3` → `3`. Leading zeros stay,
 *   because `01234` is an identifier and not 1234;
 * - ISO dates and times, in UTC where they name no zone: midnight is a day, `2024-01-01`; other
 *   times are `2024-01-01T12:30:00Z`, with a fraction of a second only where it is not zero.
 *
 * Other texts stay as they are.
 *
 * @param text - Trimmed.
 */
export function canonicalLevel(text: string): string {
  const first = text.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  if (isDigit || first === 43 || first === 45) {
    const whole = WHOLE.exec(text);
    if (whole !== null) return canonicalWhole(whole[1]!, whole[2]!);
    return isDigit ? canonicalDate(text) : text;
  }
  return BOOLEAN.test(text) ? text.toLowerCase() : text;
}

function canonicalWhole(sign: string, digits: string): string {
  return sign === "-" && !/^0+$/.test(digits) ? `-${digits}` : digits;
}

function canonicalDate(text: string): string {
  const parts = DATE.exec(text);
  if (parts === null) return text;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = parts;
  const at = [year, month, day, hour, minute, second].map(Number);
  const ms = Date.UTC(at[0]!, at[1]! - 1, at[2]!, at[3]!, at[4]!, at[5]!);
  const utc = new Date(ms);
  // Date.UTC carries 2024-02-30 over into March, and takes years below 100 for 19xx.
  const isReal =
    utc.getUTCFullYear() === at[0] && utc.getUTCDate() === at[2] && utc.getUTCMinutes() === at[4];
  if (!isReal || utc.getUTCHours() !== at[3] || utc.getUTCSeconds() !== at[5]) return text;
  return momentText(ms - offsetMs(zone), fraction);
}
