/**
 * A day or a moment as people and their programs write it, to its canonical spelling (moment.ts).
 *
 * `2024-01-05`, `2024-01`, `2024-W01-5`, `20240105`, `05.01.2024 14:30`, `1/5/2024 2:30 PM`,
 * `5 Jan 2024`. `05/01/2024` alone does not show which part is the day: the column's other cells
 * do.
 */
import { momentText, offsetMs } from "./moment.ts";

/** How a column writes its dates. */
export type DateForm =
  | "year first"
  | "compact"
  | "week"
  | "day first"
  | "month first"
  | "day or month"
  | "named month";

export interface DateText {
  /** The canonical spelling: "2024-01-05", "2024-01-05T14:30:00Z". */
  readonly moment: string;
  /** "day or month" where the cell alone does not tell. */
  readonly form: DateForm;
}

/** Longer texts are no dates. */
const MAX_CHARS = 40;
const DAY_MS = 86_400_000;
const CLOCK_PART = "(\\d{1,2}):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d{1,9}))?)?";
const ZONE = "(Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?)";
const TIME = `(?:[T ,]{1,2}${CLOCK_PART} ?([AP]\\.?M\\.?)? ?${ZONE}?)?`;
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})(?:\\2(\\d{1,2})${TIME})?$`, "i");
const COMPACT = new RegExp(`^(\\d{4})(\\d\\d)(\\d\\d)${TIME}$`, "i");
const WEEK = /^(\d{4})-?W(\d\d)(?:-?([1-7]))?$/i;
const YEAR_LAST = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4}|\\d\\d)${TIME}$`, "i");
const MONTH = "([A-Za-z]{3,9})\\.?";
const DAY_MONTH = new RegExp(`^(\\d{1,2})[-\\s.]*${MONTH}[-\\s,]*(\\d{4}|\\d\\d)${TIME}$`, "i");
const MONTH_DAY = new RegExp(`^${MONTH}[-\\s]*(\\d{1,2}),?[-\\s]+(\\d{4})${TIME}$`, "i");
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const LONG_MONTHS =
  "january february march april may june july august september october november december".split(
    " ",
  );

/**
 * @param text - Trimmed.
 * @param isDayFirst - Whether `05/01/2024` is in January.
 * @returns undefined if the text is no date, or one that the calendar does not have.
 */
export function dateInText(text: string, isDayFirst: boolean): DateText | undefined {
  if (text.length > MAX_CHARS) return undefined;
  const first = YEAR_FIRST.exec(text);
  if (first !== null) {
    const [, year, mark, month, day = "1", ...time] = first;
    if (mark === "." && first[4] === undefined) return undefined;
    return dated("year first", [year!, month!, day], time);
  }
  const compact = COMPACT.exec(text);
  if (compact !== null) {
    const [, year, month, day, ...time] = compact;
    return dated("compact", [year!, month!, day!], time);
  }
  const week = WEEK.exec(text);
  if (week !== null) return weekDay(Number(week[1]), Number(week[2]), Number(week[3] ?? 1));
  const last = YEAR_LAST.exec(text);
  if (last !== null) return yearLast(last, isDayFirst);
  return namedMonth(text);
}

type Parts = readonly [year: string, month: string, day: string];

function yearLast(match: RegExpExecArray, isDayFirst: boolean): DateText | undefined {
  const [, a, , b, year, ...time] = match;
  const [one, two] = [Number(a), Number(b)];
  const dayFirst = one > 12 || (two <= 12 && isDayFirst);
  const form = one > 12 ? "day first" : two > 12 ? "month first" : "day or month";
  const parts: Parts = dayFirst ? [fullYear(year!), b!, a!] : [fullYear(year!), a!, b!];
  return dated(form, parts, time);
}

function namedMonth(text: string): DateText | undefined {
  const dayFirst = DAY_MONTH.exec(text);
  const match = dayFirst ?? MONTH_DAY.exec(text);
  if (match === null) return undefined;
  const [, a, b, year, ...time] = match;
  const [day, name] = dayFirst === null ? [b!, a!] : [a!, b!];
  const lower = name.toLowerCase();
  const place = Math.max(MONTHS.indexOf(lower), LONG_MONTHS.indexOf(lower));
  const month = lower === "sept" ? 9 : place + 1;
  return dated("named month", [fullYear(year!), String(month), day], time);
}

/** Two digits are 1970 to 2069. */
function fullYear(year: string): string {
  if (year.length === 4) return year;
  return String(Number(year) + (Number(year) < 70 ? 2000 : 1900));
}

/** @param time - Hour, minute, second, fraction, half of the day, zone; each may be missing. */
function dated(
  form: DateForm,
  [year, month, day]: Parts,
  [hour = "0", minute = "0", second = "0", fraction = "", half, zone]: readonly string[],
): DateText | undefined {
  const [y, mo, d, min, s] = [year, month, day, minute, second].map(Number);
  const h = hourOf(Number(hour), half);
  if (h === undefined || y! < 1) return undefined;
  const utc = new Date(0);
  utc.setUTCFullYear(y!, mo! - 1, d!);
  // The calendar carries 2024-02-30 over into March.
  if (utc.getUTCMonth() !== mo! - 1 || utc.getUTCDate() !== d || h > 23) return undefined;
  if (min! > 59 || s! > 59) return undefined;
  const ms = utc.getTime() + ((h * 60 + min!) * 60 + s!) * 1000 - offsetMs(zone);
  return { moment: momentText(ms, fraction), form };
}

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase().startsWith("p") ? 12 : 0);
}

/** ISO 8601: week 1 is the one with 4 January, and begins on its Monday. */
function weekDay(year: number, week: number, day: number): DateText | undefined {
  if (week < 1 || week > 53) return undefined;
  const fourth = new Date(0);
  fourth.setUTCFullYear(year, 0, 4);
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * DAY_MS;
  const ms = monday + ((week - 1) * 7 + day - 1) * DAY_MS;
  return { moment: momentText(ms, ""), form: "week" };
}

const CLOCK = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,9})?))? ?([AP]\.?M\.?)?$/i;

/** A time of day in seconds, `14:30` or `2:30 PM`; undefined if the text is none. */
export function clockInText(text: string): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second = "0", half] = match;
  const h = hourOf(Number(hour), half);
  return h === undefined ? undefined : (h * 60 + Number(minute)) * 60 + Number(second);
}
