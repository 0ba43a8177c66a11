/**
 * The manifest: its types, and the schema that parses a stranger's JSON.
 *
 * A manifest describes a version of a model, except for its parameters, which are in blobs that the
 * manifest names by SHA-256. assemble.ts checks that the parts fit each other.
 */
import * as v from "valibot";
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
import {
  count,
  finite,
  hash,
  list,
  MAX_EXPERTS,
  MAX_FEATURES,
  name,
  notNegative,
  positive,
  share,
  whole,
} from "./fields.ts";
import { type GateEntry, gateSchema } from "./gate-schema.ts";
import { type IntervalsEntry, intervalsSchema } from "./intervals-schema.ts";
import { type Privacy, privacySchema } from "./privacy-schema.ts";

export const FORMAT_VERSION = 1;
const MAX_MEMBERS = 256;
const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z$/;
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
  /** Present if the model is differentially private: what its rows are promised. */
  readonly privacy?: Privacy;
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

const constantSchema = v.picklist(["one value", "no values"]);

const levels = v.pipe(
  v.array(name),
  v.maxLength(MAX_FEATURES),
  v.check((names) => isUnique(names), "must be unique"),
);

const fromSchema = v.union([
  v.strictObject({ column: name, part: v.picklist(DATE_PARTS) }),
  v.pipe(
    v.strictObject({ column: name, levels, effects: list(finite, MAX_FEATURES) }),
    v.check(({ levels, effects }) => levels.length === effects.length, "must be of one length"),
  ),
]);

const featureSchema = v.variant("type", [
  v.strictObject({
    type: v.literal("number"),
    name,
    median: finite,
    mean: finite,
    scale: positive,
    indicator: v.boolean(),
    constant: v.exactOptional(constantSchema),
    codes: v.exactOptional(list(finite, MAX_CODES, 1)),
    tails: v.exactOptional(v.literal("bounded")),
    knots: v.exactOptional(
      v.pipe(
        list(finite, MAX_KNOTS, 2),
        v.check((knots) => spansRange(knots), "must ascend within a finite range"),
      ),
    ),
    from: v.exactOptional(fromSchema),
  }),
  v.strictObject({
    type: v.literal("category"),
    name,
    levels,
    constant: v.exactOptional(constantSchema),
    closed: v.exactOptional(v.literal(true)),
    rare: v.exactOptional(share),
  }),
]);

/** Quantiles at five levels, or none. */
const statisticsSchema = v.strictObject({
  name,
  quantiles: list(finite, 5),
  commonest: v.nullable(v.strictObject({ value: finite, share })),
});

const targetSchema = v.pipe(
  v.strictObject({
    name,
    mean: finite,
    scale: positive,
    least: finite,
    most: finite,
    transform: v.exactOptional(v.literal("log")),
    factor: v.exactOptional(positive),
  }),
  v.check(({ least, most }) => least <= most, "least must be at most most"),
  v.check(
    ({ transform, factor, least }) => (transform === undefined ? factor === undefined : least > 0),
    "a logarithm must have a positive range, and it alone has a factor",
  ),
);

const preprocessingSchema = v.strictObject({
  features: v.pipe(
    list(featureSchema, MAX_FEATURES),
    v.check(
      (features) => isUnique(features.map((feature) => feature.name)),
      "must have unique names",
    ),
  ),
  target: targetSchema,
  missing: v.exactOptional(list(name, MAX_FEATURES)),
  readings: v.exactOptional(list(readingSchema, MAX_FEATURES)),
  statistics: v.exactOptional(list(statisticsSchema, MAX_FEATURES + 1)),
});

/** Whether a stranger's value is a preprocessing. */
export function isPreprocessing(value: unknown): value is Model["preprocessing"] {
  return v.is(preprocessingSchema, value);
}

const memberSchema = v.strictObject({
  weight: share,
  recombination: v.picklist(["smooth", "hard"]),
  boundaryMargin: v.exactOptional(boundaryMarginSchema),
  gate: v.nullable(gateSchema),
  experts: list(expertSchema, MAX_EXPERTS, 1),
});

const rivalsSchema = v.strictObject({
  mean: notNegative,
  linear: v.nullable(notNegative),
  net: v.nullable(notNegative),
  trees: v.nullable(notNegative),
});

const standingSchema = v.strictObject({
  kind: name,
  rmse: notNegative,
  weight: share,
  nMembers: count,
});

const provenanceSchema = v.strictObject({
  dataName: name,
  dataSha256: hash,
  seed: whole(Number.MIN_SAFE_INTEGER),
  engine: v.picklist(ENGINES),
  nTrain: count,
  rowMarks: v.exactOptional(
    v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{8})*$/), v.maxLength(8 * MAX_MARKS)),
  ),
  preset: v.nullable(name),
  metrics: v.nullable(
    v.strictObject({
      nSamples: count,
      mse: notNegative,
      rmse: notNegative,
      mae: notNegative,
      r2: v.nullable(v.pipe(finite, v.maxValue(1))),
      gain: v.exactOptional(share),
      rivals: v.exactOptional(rivalsSchema),
      leaderboard: v.exactOptional(list(standingSchema, MAX_KINDS)),
    }),
  ),
  verdict: v.strictObject({
    partitioning: v.picklist(VERDICTS),
    why: name,
  }),
  privacy: v.exactOptional(privacySchema),
});

const updateSchema = v.strictObject({
  fromVersion: whole(1),
  dataName: name,
  dataSha256: hash,
  nRows: count,
  rowsRead: count,
  decisions: list(v.strictObject({ expert: name, action: name, why: name }), MAX_DECISIONS),
});

/** Refuses unknown members, numbers that are not finite, and values over a limit. */
export const manifestSchema: v.GenericSchema<Manifest> = v.strictObject({
  formatVersion: v.literal(FORMAT_VERSION),
  kind: v.literal("bailiwick-model"),
  packageVersion: name,
  createdAt: v.pipe(v.string(), v.regex(ISO_8601)),
  preprocessing: preprocessingSchema,
  members: v.pipe(
    list(memberSchema, MAX_MEMBERS, 1),
    v.check(
      (members) => Math.abs(members.reduce((sum, m) => sum + m.weight, 0) - 1) < WEIGHT_TOLERANCE,
      "must have weights that sum to 1",
    ),
    v.check(
      (members) => members.every((m, i) => m.experts.every(({ id }, k) => id === expertId(i, k))),
      "must number their experts m0.e0, m0.e1, … in order",
    ),
  ),
  intervals: v.exactOptional(intervalsSchema),
  provenance: provenanceSchema,
  update: v.exactOptional(updateSchema),
  checksum: hash,
});

function spansRange(knots: readonly number[]): boolean {
  const ascends = knots.every((knot, q) => q === 0 || knot > knots[q - 1]!);
  return ascends && Number.isFinite(knots.at(-1)! - knots[0]!);
}

function isUnique(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
