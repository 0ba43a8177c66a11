/**
 * An experiment's configuration: data, splits, fit and baselines.
 *
 * Parsed once, here; all other modules trust the types. The JSON Schema of the experiments
 * (experiments/config.schema.json) is generated from the same definition, so that an editor
 * completes what the parser accepts.
 */
import { z } from "zod";
import { planFit, type TuningSettings } from "../library/index.ts";
import type { FamilyChoice, FitOptions, PresetName } from "../mixture/index.ts";
import type { GateChoice } from "../shared/choices.ts";
import { columnFields, modelFields, parseFields, seedField } from "./config-fields.ts";

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
  ...columnFields,
  drop: columnFields.drop.default([]),
  protocol: protocolSchema.default({ kind: "hold-out", repeats: 3, testFraction: 0.2 }),
  preset: z.enum(["fast", "accurate", "regimes"]).default("fast"),
  seed: seedField.default(1),
  ...modelFields,
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
  readonly types?: Readonly<Record<string, "number" | "category" | "date">> | undefined;
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
  return parseFields(configSchema, document, fieldsSchema, { protocol: PROTOCOL_KEYS });
}

const PROTOCOL_KEYS = ["kind", "repeats", "testFraction", "folds", "splits"];

/** The options of nets and mixtures that a configuration sets. */
export function fitOptionsOf(config: ExperimentConfig): FitOptions {
  return planFit(config).fit;
}

/** The JSON Schema of a configuration file (draft 2020-12). */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: "input" });
}
