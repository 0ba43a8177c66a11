/** The schema of how a column is read: bundles and row stores keep it, and may come from anyone. */
import * as v from "valibot";
import type { ColumnReading } from "./table.ts";

/** Learnt marks of a column, and characters of a mark. */
const MAX_MARKS = 100;
const MAX_CHARS = 10_000;

const text = v.pipe(v.string(), v.maxLength(MAX_CHARS));

export const readingSchema: v.GenericSchema<ColumnReading> = v.strictObject({
  column: text,
  decimal: v.exactOptional(v.literal(",")),
  marks: v.exactOptional(v.pipe(v.array(text), v.maxLength(MAX_MARKS))),
  unit: v.exactOptional(text),
  isDate: v.exactOptional(v.literal(true)),
  hasTime: v.exactOptional(v.literal(true)),
  isDayFirst: v.exactOptional(v.boolean()),
});

export function isReading(value: unknown): value is ColumnReading {
  return v.is(readingSchema, value);
}
