/**
 * What configurations of `run` and of `fit` have in common: the columns of the table and the
 * settings of the model, and how a wrong entry is described.
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import {
  hiddenSchema,
  type PresetSettings,
  type TableSettings,
  tuningSchema,
} from "../library/index.ts";
import { GATE_CHOICES } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";

/** A schema for each entry. */
type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

export type ColumnFields = Pick<TableSettings, "target" | "drop" | "group" | "types" | "missing">;
export type ModelFields = Pick<
  PresetSettings,
  "families" | "hidden" | "gate" | "recombination" | "tuning"
> & { readonly experts?: readonly number[] | undefined };

export const columnFields: Shape<ColumnFields> = {
  target: z
    .string()
    .optional()
    .describe("The column to predict. Default: that of the named data set."),
  drop: z.array(z.string()).optional().describe("Columns that are not features."),
  group: z.string().optional().describe("Rows with the same value in this column stay together."),
  types: z
    .record(z.string(), z.enum(["number", "category", "date"]))
    .optional()
    .describe("Column types where the inferred one is wrong."),
  missing: z
    .array(z.string())
    .optional()
    .describe("Texts that mark a missing value, in place of NA, ? and the other defaults."),
};

export const modelFields: Shape<ModelFields> = {
  families: z
    .enum(["mlp", "all"])
    .optional()
    .describe("With the preset accurate: networks only, or experts of every family."),
  experts: z
    .array(z.number().int().positive().max(16))
    .nonempty()
    .optional()
    .describe(
      "Numbers of experts to choose among, always with 1; a single number is used as it is. " +
        "Not with the preset accurate.",
    ),
  hidden: hiddenSchema,
  gate: z.enum(GATE_CHOICES).optional(),
  recombination: z.enum(["smooth", "hard"]).optional(),
  tuning: tuningSchema,
};

export const seedField: z.ZodType<number> = z.number().int().min(0).max(2_147_483_647);

const TUNING_KEYS = ["steps", "extendTo", "learningRates", "weightDecays"];

/** The keys of a configuration's inner objects, which an unknown key is compared with. */
export type InnerKeys = Readonly<Record<string, readonly string[]>>;

/**
 * A configuration, checked.
 *
 * @param fields - The schema whose keys an unknown key is compared with.
 * @throws CONFIG_INVALID naming every wrong field, and the nearest name of an unknown field.
 */
export function parseFields<T extends z.ZodType>(
  schema: T,
  document: unknown,
  fields: z.ZodObject,
  inner: InnerKeys = {},
): z.output<T> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const keys: InnerKeys = { tuning: TUNING_KEYS, ...inner };
  const namesAt = (path: readonly PropertyKey[]): readonly string[] =>
    path.length === 0 ? Object.keys(fields.shape) : (keys[String(path[0])] ?? []);
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, namesAt(issue.path)));
  throw new BailiwickError("CONFIG_INVALID", problems.join("; "), { problems });
}

function describeIssue(issue: z.core.$ZodIssue, names: readonly string[]): string {
  const place = issue.path.length === 0 ? "the configuration" : issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return `${place}: ${issue.message}`;
  return issue.keys
    .map((key) => {
      const hint = names.length === 0 ? "" : `, did you mean "${closest(key, [...names])}"?`;
      return `${place} has an unknown key "${key}"${hint}`;
    })
    .join("; ");
}
