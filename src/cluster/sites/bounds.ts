/**
 * What is publicly known of columns before any row is read: where numbers lie, about, and which
 * levels a category has. Values beyond their bounds are allowed; they only count as the ends.
 */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";

export interface Bounds {
  readonly target: string;
  readonly targetRange: Range;
  readonly numbers: readonly { readonly name: string; readonly range: Range }[];
  readonly categories: readonly { readonly name: string; readonly levels: readonly string[] }[];
}

export type Range = readonly [least: number, most: number];

const MAX_COLUMNS = 1000;
const MAX_LEVELS = 50;
const name = z.string().min(1).max(10_000);

const rangeSchema: z.ZodType<Range> = z
  .tuple([z.number(), z.number()])
  .refine(([least, most]) => least < most && Number.isFinite(most - least), {
    message: "must be [least, most] with least < most",
  });
const levelsSchema = z
  .array(name)
  .min(1)
  .max(MAX_LEVELS)
  .refine((levels) => new Set(levels).size === levels.length, "must have each level once");

const schema = z.strictObject({
  target: z
    .record(name, rangeSchema)
    .refine((own) => Object.keys(own).length === 1, "must have one column"),
  columns: z.record(name, z.union([rangeSchema, levelsSchema])).refine((own) => {
    const nColumns = Object.keys(own).length;
    return nColumns > 0 && nColumns <= MAX_COLUMNS;
  }, `must have 1 to ${MAX_COLUMNS} columns`),
});

/**
 * Bounds from JSON: `{"target": {"y": [0, 9]}, "columns": {"a": [0, 1], "b": ["x", "z"]}}`.
 *
 * @param from - How messages call it.
 * @throws CONFIG_INVALID naming what does not fit.
 */
export function parseBounds(value: unknown, from: string): Bounds {
  const { success, data, error } = schema.safeParse(value);
  if (!success) {
    const [issue] = error.issues;
    const place = issue!.path.join(".");
    const message = `${from}: ${place === "" ? "it" : `"${place}"`} ${issue!.message}`;
    throw new BailiwickError("CONFIG_INVALID", message, {}, error);
  }
  const [target, targetRange] = Object.entries(data.target)[0]!;
  const numbers: Bounds["numbers"][number][] = [];
  const categories: Bounds["categories"][number][] = [];
  for (const [column, own] of Object.entries(data.columns)) {
    if (column === target) {
      const message = `${from}: the target "${target}" must not be a column too`;
      throw new BailiwickError("CONFIG_INVALID", message);
    }
    if (isRange(own)) numbers.push({ name: column, range: own });
    else categories.push({ name: column, levels: [...own].sort() });
  }
  return { target, targetRange, numbers, categories };
}

function isRange(own: Range | readonly string[]): own is Range {
  return typeof own[0] === "number";
}
