/**
 * What an Arrow column's type makes of its cells.
 *
 * - numbers: integers, floats, and decimals as exact texts; times of day and durations in seconds,
 *   in every unit of the file;
 * - categories: texts, booleans, dictionaries;
 * - dates: days and moments, in their canonical spelling.
 */
import { type Table as ArrowTable, Type } from "@uwdata/flechette";
import { BailiwickError } from "../../shared/errors.ts";
import type { ColumnType } from "../table.ts";
import { momentText, withoutZeros } from "./moment.ts";

export type ArrowType = ArrowTable["schema"]["fields"][number]["type"];

/** Whole numbers are exact below this, by a float's precision: half, single, double. */
const EXACT_BELOW = [2 ** 11, 2 ** 24, 2 ** 53];

export interface CellReading {
  /** Not given for a column without values. */
  readonly type: ColumnType | "date" | undefined;
  readonly exactBelow?: number | undefined;
  /** A decoded cell as a number or a text; not given where cells stay as they are. */
  readonly convert?: ((cell: unknown) => unknown) | undefined;
}

/** @throws COLUMN_TYPE for types that are neither numbers nor categories. */
export function cellReading(name: string, type: ArrowType): CellReading {
  switch (type.typeId) {
    case Type.Null:
      return { type: undefined };
    case Type.Int:
      return { type: "number" };
    case Type.Float:
      return { type: "number", exactBelow: EXACT_BELOW[type.precision] };
    case Type.Decimal:
      return { type: "number", convert: (cell) => decimalText(cell, type.scale) };
    case Type.Time:
    case Type.Duration:
      return { type: "number", convert: (cell) => Number(cell) / 1000 ** type.unit };
    case Type.Bool:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return { type: "category" };
    case Type.Date:
      return { type: "date", convert: (cell) => dayText(name, cell) };
    case Type.Timestamp:
      return { type: "date", convert: (cell) => timestampText(name, cell, type.unit) };
    case Type.Dictionary:
      return { ...cellReading(name, type.dictionary), type: "category" };
    default: {
      const found = Object.entries(Type).find(([, id]) => id === type.typeId)?.[0] ?? type.typeId;
      throw new BailiwickError(
        "COLUMN_TYPE",
        `column "${name}" must hold numbers, texts, booleans or dates, its Arrow type is ${found}`,
        { column: name },
      );
    }
  }
}

/** Unscaled digits as a text: 1250 of scale 2 is "12.5". */
function decimalText(cell: unknown, scale: number): string {
  const digits = String(cell);
  if (scale === 0) return digits;
  const [sign, size] = digits.startsWith("-") ? ["-", digits.slice(1)] : ["", digits];
  const padded = size.padStart(scale + 1, "0");
  const fraction = withoutZeros(padded.slice(-scale));
  return `${sign}${padded.slice(0, -scale)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** @param cell - Milliseconds since 1970. */
export function dayText(name: string, cell: unknown): string {
  const day = 86_400_000;
  return momentText(checkMs(name, Math.floor(Number(cell) / day) * day), "");
}

/** @param cell - Units since 1970: 0 seconds, 1 milliseconds, 2 micro-, 3 nanoseconds. */
export function timestampText(name: string, cell: unknown, unit: number): string {
  const count = typeof cell === "bigint" ? cell : BigInt(Number(cell));
  const perSecond = 1000n ** BigInt(unit);
  const part = ((count % perSecond) + perSecond) % perSecond;
  const ms = checkMs(name, Number((count - part) / perSecond) * 1000);
  return momentText(ms, unit === 0 ? "" : String(part).padStart(3 * unit, "0"));
}

function checkMs(name: string, ms: number): number {
  if (!Number.isNaN(new Date(ms).getTime())) return ms;
  const message = `column "${name}" must hold dates of the years ±271,821, got ${ms} ms since 1970`;
  throw new BailiwickError("VALUE_NOT_FINITE", message, { column: name });
}
