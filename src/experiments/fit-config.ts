/**
 * A configuration of `fit`: the table, its columns and the model. Names and schemas are those of an
 * experiment's configuration; what an experiment does not have has the name of its option.
 */
import { z } from "zod";
import { SEPARATORS } from "../data/index.ts";
import type { FitSettings, ReadSettings } from "../library/index.ts";
import { ENCODINGS, TARGET_TRANSFORMS } from "../shared/choices.ts";
import { durationMs } from "../shared/duration.ts";
import {
  type ColumnFields,
  columnFields,
  type ModelFields,
  modelFields,
  parseFields,
  seedField,
} from "./config-fields.ts";

const schema = z.strictObject({
  $schema: z.string().optional(),
  data: z
    .string()
    .min(1)
    .optional()
    .describe("A data set's name, or a path relative to this file."),
  ...columnFields,
  keep: z
    .array(z.string())
    .optional()
    .describe("Columns that are features though they seem to identify rows."),
  separator: z.enum(SEPARATORS).optional().describe("What separates the cells of a CSV file."),
  decimal: z.enum([".", ","]).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  preset: z.enum(["auto", "fast", "accurate", "regimes"]).optional(),
  time: z
    .string()
    .refine((text) => durationMs(text) !== null, "must be a time from 1s to 24h, as 90s or 2m")
    .optional()
    .describe("With the preset auto: until when it tries, as 90s or 2m."),
  seed: seedField.optional(),
  ...modelFields,
  targetTransform: z.enum(TARGET_TRANSFORMS).optional(),
  keepRows: z
    .boolean()
    .optional()
    .describe("Keep the rows beside the bundle; updates learn from them."),
});

/** A parsed configuration. What is absent keeps the default of `fit`. */
export interface FitConfig
  extends ColumnFields,
    ModelFields,
    Pick<ReadSettings, "separator" | "decimal" | "encoding">,
    Pick<FitSettings, "preset" | "seed" | "targetTransform" | "keepRows"> {
  readonly data?: string | undefined;
  readonly keep?: readonly string[] | undefined;
  /** Milliseconds. */
  readonly time?: number | undefined;
}

/** @throws CONFIG_INVALID naming every wrong field, and the nearest name of an unknown field. */
export function parseFitConfig(document: unknown): FitConfig {
  const { $schema: _, time, ...config } = parseFields(schema, document, schema);
  const timeMs = time === undefined ? null : durationMs(time);
  return timeMs === null ? config : { ...config, time: timeMs };
}

/** The JSON Schema of such a file (draft 2020-12). */
export function fitConfigJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input" });
}
