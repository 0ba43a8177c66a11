/** The schema of how a column is read: bundles and row stores keep it, and may come from anyone. */
import { z } from "zod";
import type { ColumnReading } from "./table.ts";

/** Learnt marks of a column, and characters of a mark. */
const MAX_MARKS = 100;
const MAX_CHARS = 10_000;

const text = z.string().max(MAX_CHARS);

export const readingSchema: z.ZodType<ColumnReading> = z.strictObject({
  column: text,
  decimal: z.literal(",").exactOptional(),
  marks: z.array(text).max(MAX_MARKS).exactOptional(),
  unit: text.exactOptional(),
  isDate: z.literal(true).exactOptional(),
  hasTime: z.literal(true).exactOptional(),
  isDayFirst: z.boolean().exactOptional(),
});
