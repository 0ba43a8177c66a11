/**
 * Columns of dates as numbers: what a date says of season, week and day, and how much time has
 * passed. Cyclic parts are sine and cosine, so that December lies beside January.
 */
import { cos, sin } from "../shared/sine.ts";
import { momentMs } from "./reading/moment.ts";
import type { CategoryColumn, Column, ColumnReading, Table } from "./table.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAYS_OF_YEAR = 365.2425;

/** A moment's numbers, in UTC. The name of a feature is its column's with the part behind it. */
const PARTS = {
  days: (ms: number) => ms / DAY_MS,
  year: (ms: number) => new Date(ms).getUTCFullYear(),
  month: (ms: number) => new Date(ms).getUTCMonth() + 1,
  "sine of year": (ms: number) => sin(2 * Math.PI * partOfYear(ms)),
  "cosine of year": (ms: number) => cos(2 * Math.PI * partOfYear(ms)),
  weekend: (ms: number) => (weekday(ms) > 5 ? 1 : 0),
  "sine of week": (ms: number) => sin((2 * Math.PI * weekday(ms)) / 7),
  "cosine of week": (ms: number) => cos((2 * Math.PI * weekday(ms)) / 7),
  Monday: (ms: number) => (weekday(ms) === 1 ? 1 : 0),
  Tuesday: (ms: number) => (weekday(ms) === 2 ? 1 : 0),
  Wednesday: (ms: number) => (weekday(ms) === 3 ? 1 : 0),
  Thursday: (ms: number) => (weekday(ms) === 4 ? 1 : 0),
  Friday: (ms: number) => (weekday(ms) === 5 ? 1 : 0),
  Saturday: (ms: number) => (weekday(ms) === 6 ? 1 : 0),
  Sunday: (ms: number) => (weekday(ms) === 7 ? 1 : 0),
  hour: (ms: number) => hour(ms),
  "sine of day": (ms: number) => sin((2 * Math.PI * hour(ms)) / 24),
  "cosine of day": (ms: number) => cos((2 * Math.PI * hour(ms)) / 24),
} as const;

/**
 * "days": since 1970. "weekend": 1 on Saturday and Sunday. "Monday": 1 on Mondays. "sine of year":
 * of its day.
 */
export type DatePartName = keyof typeof PARTS;
export const DATE_PARTS: readonly DatePartName[] = Object.keys(PARTS).filter(isPart);

function isPart(name: string): name is DatePartName {
  return Object.hasOwn(PARTS, name);
}

function partOfYear(ms: number): number {
  const start = Date.UTC(new Date(ms).getUTCFullYear(), 0, 1);
  return (ms - start) / DAY_MS / DAYS_OF_YEAR;
}

function weekday(ms: number): number {
  return ((((Math.floor(ms / DAY_MS) + 3) % 7) + 7) % 7) + 1;
}

function hour(ms: number): number {
  return (((ms % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS;
}

/** The name of the feature that a part of a column becomes: "day (month)". */
export function datePartName(column: string, part: DatePartName): string {
  return `${column} (${part})`;
}

/** A feature that is one part of a column of dates. */
export interface DatePart {
  readonly column: string;
  readonly part: DatePartName;
}

/** The parts of a table's columns of dates, by the names of their features. */
export function datePartsOf({ readings = [] }: Table): ReadonlyMap<string, DatePart> {
  const dates = readings.filter(({ isDate }) => isDate === true);
  return new Map(
    dates.flatMap(({ column }) =>
      DATE_PARTS.map((part) => [datePartName(column, part), { column, part }] as const),
    ),
  );
}

/** A column of dates in milliseconds since 1970. NaN where missing. Shape (nRows,). */
export function momentsOf({ values }: Column): Float64Array {
  const texts = Array.from<string | number | null, string>(values, String);
  return Float64Array.from(texts, momentMs);
}

/** One part of each moment. NaN where missing. Shape as given. */
export function datePart(moments: Float64Array, part: DatePartName): Float64Array {
  return moments.map(PARTS[part]);
}

/** Parts that days without a time do not have. */
const OF_TIMES: readonly DatePartName[] = ["hour", "sine of day", "cosine of day"];

/** The parts of a column: all but those of times, if it has none. */
function dateFeatures(column: CategoryColumn, { hasTime }: ColumnReading): readonly Column[] {
  const moments = momentsOf(column);
  const parts = DATE_PARTS.filter((part) => hasTime === true || !OF_TIMES.includes(part));
  return parts.map((part) => ({
    type: "number",
    name: datePartName(column.name, part),
    values: datePart(moments, part),
  }));
}

/** How a column of dates is read; undefined if the column holds none. */
export function dateReading(
  { name, type }: Column,
  readings: readonly ColumnReading[],
): ColumnReading | undefined {
  if (type !== "category") return undefined;
  return readings.find((own) => own.column === name && own.isDate === true);
}

/** The table with all columns of dates replaced by their features. */
export function withDateFeatures(table: Table): Table {
  const { readings = [] } = table;
  const columns = table.columns.flatMap((column): readonly Column[] => {
    const reading = dateReading(column, readings);
    if (reading === undefined || column.type !== "category") return [column];
    return dateFeatures(column, reading);
  });
  return { ...table, columns };
}
