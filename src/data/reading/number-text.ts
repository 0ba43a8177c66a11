/**
 * A number as people and their programs write it: `1,234.5`, `1.234,5`, `1 234`, `$12`, `12 %`,
 * `(1,234)`, `5-`, `3.2 kg`.
 *
 * `1,234` and `1.234` do not show whether the mark is a decimal mark or separates thousands: the
 * caller says which decimal mark its column has. All other texts show it.
 */

export type DecimalMark = "." | ",";

export interface NumberText {
  readonly value: number;
  /** What stands before or after the digits: "%", "$", "kg"; empty if nothing does. */
  readonly unit: string;
  /** The decimal mark that the text proves; null if it proves none. */
  readonly proves: DecimalMark | null;
  /** Whether the value depends on the column's decimal mark. */
  readonly isAmbiguous: boolean;
}

/** Longer texts are no numbers, unless they consist of digits alone. */
const MAX_CHARS = 64;
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const MINUS = /[\u2212\u2013\ufe63\uff0d]/g;
const SPACES = /[\u00a0\u2007\u2009\u202f]/g;
const CODES =
  "EUR|USD|GBP|CHF|JPY|CNY|RMB|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|BRL|MXN|ZAR|TRY|RUB";
const CURRENCY = `(?:(?:[A-Z]{1,3})?\\p{Sc}|${CODES}|kr\\.?|Rs\\.?|Fr\\.?)`;
const UNIT = "[\\p{L}%‰°µΩ\\p{Sc}](?:[\\p{L}%°²³/·^*.-]|[23](?!\\d)){0,11}";
const DIGITS = "(?:\\d[\\d.,' ’]*|[.,]\\d+)(?:[eE][+-]?\\d{1,3})?";
const DECORATED = new RegExp(
  `^([+-]?) ?(${CURRENCY})? ?([+-]?) ?(${DIGITS}) ?(${UNIT})?(-?)$`,
  "u",
);
const BRACKETED = new RegExp(
  `^([+-]?)(${CURRENCY} ?)?\\(([^()]+)\\)( ?(?:[%‰]|${CURRENCY}))?$`,
  "u",
);

/**
 * @param text - Trimmed.
 * @param decimal - The decimal mark of a text that proves none.
 * @returns undefined if the text is no finite number.
 */
export function numberInText(text: string, decimal: DecimalMark): NumberText | undefined {
  if (PLAIN.test(text) && (decimal === "." || !text.includes("."))) {
    const proves = provesPoint(text) ? "." : null;
    return { value: Number(text), unit: "", proves, isAmbiguous: text.includes(".") && !proves };
  }
  if (text.length > MAX_CHARS) return undefined;
  const even = text.replace(MINUS, "-").replace(SPACES, " ");
  const bracketed = BRACKETED.exec(even);
  if (bracketed === null) return decoratedNumber(even, decimal);
  const [, sign, currency = "", content, unit = ""] = bracketed;
  const inner = decoratedNumber(`${currency}${content!.trim()}${unit}`, decimal);
  return inner === undefined || sign === "-" || inner.value < 0
    ? undefined
    : { ...inner, value: -inner.value };
}

/** Whether the point in a plain number cannot separate thousands. */
function provesPoint(text: string): boolean {
  return /^[+-]?\d*\.\d/.test(text) && !/^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(text);
}

function decoratedNumber(text: string, decimal: DecimalMark): NumberText | undefined {
  const parts = DECORATED.exec(text);
  if (parts === null) return undefined;
  const [, before, currency, after, digits, unit = "", behind] = parts;
  const signs = `${before}${after}${behind}`;
  if (signs.length > 1) return undefined;
  const read = readDigits(digits!.trim(), decimal);
  if (read === undefined) return undefined;
  const value = signs === "-" ? -read.value : read.value;
  return { ...read, value, unit: currency ?? unit };
}

/** Whether two units are one that keyboards write in two ways: `m²` and `m2`, `°C` and `ºC`. */
export function isSameUnit(one: string, other: string): boolean {
  return one === other || unitName(one) === unitName(other);
}

function unitName(unit: string): string {
  return unit.replaceAll("º", "°").normalize("NFKC");
}

/** Digits with decimal mark and thousands separators, without a sign. */
function readDigits(text: string, decimal: DecimalMark): Omit<NumberText, "unit"> | undefined {
  const [mantissa = "", exponent = ""] = text.split(/(?=[eE])/);
  const plain = mantissa.replace(/['’]/g, " ");
  if (plain.includes(" ") && !/^\d{1,3}(?: \d{3})+(?:[.,]\d+)?$/.test(plain)) return undefined;
  const marked = plain.replaceAll(" ", "");
  const mark = decimalMark(marked, plain.includes(" "), decimal);
  if (mark === undefined) return undefined;
  const { point, proves, isAmbiguous } = mark;
  const group = point === "." ? "," : ".";
  const [whole = "", fraction] = point === null ? [marked] : split(marked, point);
  if (whole.includes(group) && !isGrouped(whole, group)) return undefined;
  const digits = whole.replaceAll(group, "");
  const value = Number(`${digits === "" ? "0" : digits}.${fraction ?? "0"}${exponent}`);
  return Number.isFinite(value) ? { value, proves, isAmbiguous } : undefined;
}

interface FoundMark {
  /** null where no mark is a decimal mark, and thousands are separated by `.` if by anything. */
  readonly point: DecimalMark | null;
  readonly proves: DecimalMark | null;
  readonly isAmbiguous: boolean;
}

/** Which mark of a text is its decimal mark; undefined if its marks make no number. */
function decimalMark(
  text: string,
  hasSpaces: boolean,
  decimal: DecimalMark,
): FoundMark | undefined {
  const points = count(text, ".");
  const commas = count(text, ",");
  if (points + commas === 0) return { point: ".", proves: null, isAmbiguous: false };
  if (points > 0 && commas > 0) {
    const last = text.lastIndexOf(".") > text.lastIndexOf(",") ? "." : ",";
    if ((last === "." ? points : commas) > 1) return undefined;
    return { point: last, proves: last, isAmbiguous: false };
  }
  const mark: DecimalMark = points > 0 ? "." : ",";
  const other: DecimalMark = points > 0 ? "," : ".";
  if (points + commas > 1) return { point: other, proves: other, isAmbiguous: false };
  const isOpen = !hasSpaces && /^[1-9]\d{0,2}[.,]\d{3}$/.test(text);
  if (!isOpen) return { point: mark, proves: mark, isAmbiguous: false };
  return { point: decimal, proves: null, isAmbiguous: true };
}

/** Groups of three digits, or of two as in India, of which the last has three. */
function isGrouped(whole: string, mark: "." | ","): boolean {
  const groups = whole.split(mark);
  const sizes = groups.map(({ length }) => length);
  const isRest = (size: number): boolean => size === 3 || (mark === "," && size === 2);
  return sizes[0]! >= 1 && sizes[0]! <= 3 && sizes.at(-1) === 3 && sizes.slice(1).every(isRest);
}

function split(text: string, mark: DecimalMark): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1) || "0"];
}

function count(text: string, mark: string): number {
  return text.split(mark).length - 1;
}
