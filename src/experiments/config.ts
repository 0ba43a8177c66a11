/**
 * An experiment's configuration: data, splits, fit and baselines.
 *
 * Parsed once, here; all other modules trust the types. The JSON Schema of the experiments
 * (experiments/config.schema.json) is generated from the same definition, so that an editor
 * completes what the parser accepts.
 */
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { hiddenSchema, planFit, type TuningSettings, tuningSchema } from "../library/index.ts";
import type { FamilyChoice, FitOptions, PresetName } from "../mixture/index.ts";
import { GATE_CHOICES, type GateChoice } from "../shared/choices.ts";
import { BailiwickError } from "../shared/errors.ts";

const positiveInteger = z.number().int().positive();

const protocolSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("hold-out"),
      repeats: positiveInteger.max(100).default(3),
      testFraction: z.number().gt(0).lt(1).default(0.2),
    }),
    z.strictObject({
      kind: z.literal("k-fold"),
      folds: positiveInteger.min(2).max(100).default(5),
    }),
    z.strictObject({
      kind: z.literal("published"),
      splits: z
        .array(z.number().int().nonnegative())
        .nonempty()
        .optional()
        .describe("Numbers of the published splits to run. Default: all."),
    }),
  ])
  .describe("The division of rows into training and test rows, by seed.");

export const METHODS = ["mixture", "single", "wide", "ensemble4", "equalCost", "kmeans"] as const;
export type Method = (typeof METHODS)[number];

const fieldsSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().min(1).max(100),
  data: z.string().min(1).describe("A data set's name, or a path relative to this file."),
  target: z
    .string()
    .optional()
    .describe("The column to predict. Default: that of the named data set."),
  drop: z.array(z.string()).default([]).describe("Columns that are not features."),
  group: z.string().optional().describe("Rows with the same value in this column stay together."),
  types: z
    .record(z.string(), z.enum(["number", "category"]))
    .optional()
    .describe("Column types where the inferred one is wrong."),
  missing: z
    .array(z.string())
    .optional()
    .describe("Texts that mark a missing value, in place of NA, ? and the other defaults."),
  protocol: protocolSchema.default({ kind: "hold-out", repeats: 3, testFraction: 0.2 }),
  preset: z.enum(["fast", "accurate", "regimes"]).default("fast"),
  families: z
    .enum(["mlp", "all"])
    .optional()
    .describe("With the preset accurate: networks only, or experts of every family."),
  seed: z.number().int().min(0).max(2_147_483_647).default(1),
  experts: z
    .array(positiveInteger.max(16))
    .nonempty()
    .optional()
    .describe(
      "Numbers of experts to choose among, always with 1; a single number is used as it is. " +
        "With the preset accurate one number, the largest of a mixture.",
    ),
  hidden: hiddenSchema,
  gate: z.enum(GATE_CHOICES).optional(),
  recombination: z.enum(["smooth", "hard"]).optional(),
  tuning: tuningSchema,
  baselines: z
    .array(z.enum(["wide", "ensemble4", "kmeans"]))
    .default(["wide", "ensemble4", "kmeans"])
    .describe("The single net and the ensemble of equal cost always run, for the verdict."),
});

const configSchema = fieldsSchema
  .refine(({ preset, families }) => preset === "accurate" || families === undefined, {
    path: ["families"],
    error: "must be left out unless preset is accurate",
  })
  .refine(({ preset, hidden }) => preset !== "accurate" || hidden === undefined, {
    path: ["hidden"],
    error: "must be left out if preset is accurate, which chooses among shapes",
  });

export type Protocol =
  | { readonly kind: "hold-out"; readonly repeats: number; readonly testFraction: number }
  | { readonly kind: "k-fold"; readonly folds: number }
  | { readonly kind: "published"; readonly splits?: readonly number[] | undefined };

/** A configuration as written: a name, the data, and what differs from the defaults. */
export type ExperimentInput = Partial<ExperimentConfig> & Pick<ExperimentConfig, "name" | "data">;

/** A parsed configuration, with defaults filled in. An absent field keeps the fit's default. */
export interface ExperimentConfig {
  readonly name: string;
  readonly data: string;
  readonly target?: string | undefined;
  readonly drop: readonly string[];
  readonly group?: string | undefined;
  readonly types?: Readonly<Record<string, "number" | "category">> | undefined;
  readonly missing?: readonly string[] | undefined;
  readonly protocol: Protocol;
  readonly preset: PresetName;
  readonly families?: FamilyChoice | undefined;
  readonly seed: number;
  readonly experts?: readonly number[] | undefined;
  readonly hidden?: readonly number[] | undefined;
  readonly gate?: GateChoice | undefined;
  readonly recombination?: "smooth" | "hard" | undefined;
  readonly tuning?: TuningSettings | undefined;
  readonly baselines: readonly ("wide" | "ensemble4" | "kmeans")[];
}

/** @throws CONFIG_INVALID naming every wrong field, and the nearest name of an unknown field. */
export function parseConfig(document: unknown): ExperimentConfig {
  const parsed = configSchema.safeParse(document);
  if (parsed.success) return parsed.data as ExperimentConfig;
  const problems = parsed.error.issues.map(describeIssue);
  throw new BailiwickError("CONFIG_INVALID", problems.join("; "), { problems });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? "the configuration" : issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return `${place}: ${issue.message}`;
  const knownNames = knownKeys(issue.path);
  return issue.keys
    .map((key) => {
      const hint = knownNames.length === 0 ? "" : `, did you mean "${closest(key, knownNames)}"?`;
      return `${place} has an unknown key "${key}"${hint}`;
    })
    .join("; ");
}

/** The keys that an object of the configuration may have. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(fieldsSchema.shape);
  if (path[0] === "tuning") return ["steps", "extendTo", "learningRates", "weightDecays"];
  if (path[0] === "protocol") return ["kind", "repeats", "testFraction", "folds", "splits"];
  return [];
}

/** The options of nets and mixtures that a configuration sets. */
export function fitOptionsOf(config: ExperimentConfig): FitOptions {
  return planFit(config).fit;
}

/** The JSON Schema of a configuration file (draft 2020-12). */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: "input" });
}
