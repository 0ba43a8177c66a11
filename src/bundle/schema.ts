/**
 * The manifest: its types, and the schema that parses a stranger's JSON.
 *
 * A manifest describes a version of a model, except for its parameters, which are in blobs that the
 * manifest names by SHA-256. assemble.ts checks that the parts fit each other.
 */
import { z } from "zod";
import { DATE_PARTS, MAX_KNOTS, MAX_MARKS, type RowMarks, readingSchema } from "../data/index.ts";
import {
  type Expectation,
  expertId,
  type Model,
  type Recombination,
  VERDICTS,
  type Verdict,
} from "../mixture/index.ts";
import { ENGINES, type EngineName } from "../shared/choices.ts";
import { type ExpertEntry, expertSchema } from "./expert-schema.ts";
import { boundaryMarginSchema } from "./explanation-schema.ts";
import { count, finite, hash, MAX_EXPERTS, MAX_FEATURES, name, positive, share } from "./fields.ts";
import { type GateEntry, gateSchema } from "./gate-schema.ts";
import { type IntervalsEntry, intervalsSchema } from "./intervals-schema.ts";

export const FORMAT_VERSION = 1;
const MAX_MEMBERS = 256;
/** Limit of one column's values that count as missing. */
const MAX_CODES = 16;
/** Kinds of model that a fit tried. */
const MAX_KINDS = 1000;
const MAX_DECISIONS = 100_000;
/** Members' weights sum to 1 within this tolerance. */
const WEIGHT_TOLERANCE = 1e-6;

/** The content of versions/<n>.json. */
export interface Manifest {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly kind: "bailiwick-model";
  readonly packageVersion: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly preprocessing: Model["preprocessing"];
  readonly members: readonly MemberEntry[];
  /** Present if the bundle can compute intervals. */
  readonly intervals?: IntervalsEntry;
  readonly provenance: Provenance;
  /** Present if an update made this version. */
  readonly update?: UpdateRecord;
  /** See manifest.ts. */
  readonly checksum: string;
}

export interface MemberEntry {
  readonly weight: number;
  readonly recombination: Recombination;
  /** Present if the bundle explains its regimes. */
  readonly boundaryMargin?: number;
  readonly gate: GateEntry | null;
  readonly experts: readonly ExpertEntry[];
}

/** The origin of a model, and its errors. */
export interface Provenance {
  readonly dataName: string;
  readonly dataSha256: string;
  readonly seed: number;
  readonly engine: EngineName;
  readonly nTrain: number;
  /** Marks of the rows that the model was trained on; absent from bundles of earlier versions. */
  readonly rowMarks?: RowMarks;
  /** null if no preset was used. */
  readonly preset: string | null;
  /** Errors of the fit to expect on new rows, from held-out ones; null if none were measured. */
  readonly metrics: HeldOutMetrics | null;
  readonly verdict: Verdict;
}

/** The update that made a version from an earlier one. */
export interface UpdateRecord {
  readonly fromVersion: number;
  readonly dataName: string;
  readonly dataSha256: string;
  /** Numbers of new rows, and of rows that experts were trained on. */
  readonly nRows: number;
  readonly rowsRead: number;
  /** The decision for each expert of the earlier version, and for each new expert. */
  readonly decisions: readonly {
    readonly expert: string;
    readonly action: string;
    readonly why: string;
  }[];
}

/** In the target's units. What simpler models make of the same rows: there if it was measured. */
export type HeldOutMetrics = Omit<Expectation, "rivals" | "leaderboard"> &
  Partial<Pick<Expectation, "rivals" | "leaderboard">>;

const constantSchema = z.enum(["one value", "no values"]);

const featureSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("number"),
    name,
    median: finite,
    mean: finite,
    scale: positive,
    indicator: z.boolean(),
    constant: constantSchema.exactOptional(),
    codes: z.array(finite).min(1).max(MAX_CODES).exactOptional(),
    tails: z.literal("bounded").exactOptional(),
    knots: z
      .array(finite)
      .min(2)
      .max(MAX_KNOTS)
      .refine(spansRange, "must ascend within a finite range")
      .exactOptional(),
    from: z
      .union([
        z.strictObject({ column: name, part: z.enum(DATE_PARTS) }),
        z
          .strictObject({
            column: name,
            levels: z.array(name).max(MAX_FEATURES).refine(isUnique, "must be unique"),
            effects: z.array(finite).max(MAX_FEATURES),
          })
          .refine(
            ({ levels, effects }) => levels.length === effects.length,
            "must be of one length",
          ),
      ])
      .exactOptional(),
  }),
  z.strictObject({
    type: z.literal("category"),
    name,
    levels: z.array(name).max(MAX_FEATURES).refine(isUnique, "must be unique"),
    constant: constantSchema.exactOptional(),
    closed: z.literal(true).exactOptional(),
    rare: share.exactOptional(),
  }),
]);

/** Quantiles at five levels, or none. */
const statisticsSchema = z.strictObject({
  name,
  quantiles: z.array(finite).max(5),
  commonest: z.strictObject({ value: finite, share }).nullable(),
});

const preprocessingSchema = z.strictObject({
  features: z
    .array(featureSchema)
    .max(MAX_FEATURES)
    .refine(
      (features) => isUnique(features.map((feature) => feature.name)),
      "must have unique names",
    ),
  target: z
    .strictObject({
      name,
      mean: finite,
      scale: positive,
      least: finite,
      most: finite,
      transform: z.literal("log").exactOptional(),
      factor: positive.exactOptional(),
    })
    .refine(({ least, most }) => least <= most, "least must be at most most")
    .refine(
      ({ transform, factor, least }) =>
        transform === undefined ? factor === undefined : least > 0,
      "a logarithm must have a positive range, and it alone has a factor",
    ),
  missing: z.array(name).max(MAX_FEATURES).exactOptional(),
  readings: z.array(readingSchema).max(MAX_FEATURES).exactOptional(),
  statistics: z
    .array(statisticsSchema)
    .max(MAX_FEATURES + 1)
    .exactOptional(),
});

const memberSchema = z.strictObject({
  weight: share,
  recombination: z.enum(["smooth", "hard"]),
  boundaryMargin: boundaryMarginSchema.exactOptional(),
  gate: gateSchema.nullable(),
  experts: z.array(expertSchema).min(1).max(MAX_EXPERTS),
});

const rmse = finite.min(0);

const rivalsSchema = z.strictObject({
  mean: rmse,
  linear: rmse.nullable(),
  net: rmse.nullable(),
  trees: rmse.nullable(),
});

const standingSchema = z.strictObject({ kind: name, rmse, weight: share, nMembers: count });

const provenanceSchema = z.strictObject({
  dataName: name,
  dataSha256: hash,
  seed: z.int(),
  engine: z.enum(ENGINES),
  nTrain: count,
  rowMarks: z
    .string()
    .regex(/^(?:[0-9a-f]{8})*$/)
    .max(8 * MAX_MARKS)
    .exactOptional(),
  preset: name.nullable(),
  metrics: z
    .strictObject({
      nSamples: count,
      mse: finite.min(0),
      rmse: finite.min(0),
      mae: finite.min(0),
      r2: finite.max(1).nullable(),
      rivals: rivalsSchema.exactOptional(),
      leaderboard: z.array(standingSchema).max(MAX_KINDS).exactOptional(),
    })
    .nullable(),
  verdict: z.strictObject({
    partitioning: z.enum(VERDICTS),
    why: name,
  }),
});

const updateSchema = z.strictObject({
  fromVersion: z.int().min(1),
  dataName: name,
  dataSha256: hash,
  nRows: count,
  rowsRead: count,
  decisions: z.array(z.strictObject({ expert: name, action: name, why: name })).max(MAX_DECISIONS),
});

/** Refuses unknown members, numbers that are not finite, and values over a limit. */
export const manifestSchema: z.ZodType<Manifest> = z.strictObject({
  formatVersion: z.literal(FORMAT_VERSION),
  kind: z.literal("bailiwick-model"),
  packageVersion: name,
  createdAt: z.iso.datetime(),
  preprocessing: preprocessingSchema,
  members: z
    .array(memberSchema)
    .min(1)
    .max(MAX_MEMBERS)
    .refine(
      (members) => Math.abs(members.reduce((sum, m) => sum + m.weight, 0) - 1) < WEIGHT_TOLERANCE,
      "must have weights that sum to 1",
    )
    .refine(
      (members) => members.every((m, i) => m.experts.every(({ id }, k) => id === expertId(i, k))),
      "must number their experts m0.e0, m0.e1, … in order",
    ),
  intervals: intervalsSchema.exactOptional(),
  provenance: provenanceSchema,
  update: updateSchema.exactOptional(),
  checksum: hash,
});

function spansRange(knots: readonly number[]): boolean {
  const ascends = knots.every((knot, q) => q === 0 || knot > knots[q - 1]!);
  return ascends && Number.isFinite(knots.at(-1)! - knots[0]!);
}

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
