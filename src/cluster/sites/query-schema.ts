/**
 * Queries as they cross a process boundary: JSON, arrays of numbers as base64 of their bytes.
 *
 * A query from outside is checked here, once, with limits on everything that costs a site time.
 */
import { z } from "zod";
import { isPreprocessing } from "../../bundle/index.ts";
import { matrixWidth, type Preprocessing } from "../../data/index.ts";
import {
  countParameters,
  countPrivateTerms,
  countTerms,
  type Expert,
  MAX_TERMS,
  type Net,
  type NetShape,
  type RidgeExpert,
} from "../../experts/index.ts";
import type { Mixture } from "../../mixture/index.ts";
import {
  type Category,
  type Labels,
  type NoisedRidgeQuery,
  nRegimes,
  type Query,
} from "../sums/index.ts";

const MAX_COLUMNS = 10_000;
const MAX_WIDTH = 1024;
const MAX_LAYERS = 8;
const MAX_EXPERTS = 16;
const MAX_MODELS = 64;
const MAX_NAME_CHARS = 10_000;
const [LEAST_NOISE, MOST_NOISE] = [0.1, 1e6];
const MOST_SIZE = 1e6;

/** JSON of a query, whose arrays of numbers are base64. */
export function queryToJson(query: Query): unknown {
  return JSON.parse(
    JSON.stringify(query, (_, value: unknown) => {
      if (value instanceof Float32Array) return { f32: base64Of(value) };
      return value instanceof Float64Array ? { f64: base64Of(value) } : value;
    }),
  );
}

function base64Of({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

const finite = z.number();
const name = z.string().max(MAX_NAME_CHARS);
const names = z.array(name).max(MAX_COLUMNS).readonly();
const numbers = z
  .array(finite)
  .min(1)
  .max(MAX_COLUMNS + 1)
  .readonly();

const float32: z.ZodType<Float32Array> = z
  .object({ f32: z.string() })
  .transform(({ f32 }) => new Float32Array(bytesOf(f32, 4)))
  .refine((values) => values.every(Number.isFinite), "must be finite numbers");
const float64: z.ZodType<Float64Array> = z
  .object({ f64: z.string() })
  .transform(({ f64 }) => new Float64Array(bytesOf(f64, 8)))
  .refine((values) => values.every(Number.isFinite), "must be finite numbers");

/** A buffer of its own, of whole numbers. */
function bytesOf(text: string, size: number): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  const copy = new Uint8Array(bytes.length - (bytes.length % size));
  copy.set(bytes.subarray(0, copy.length));
  return copy.buffer;
}

const netSchema: z.ZodType<Net> = z
  .object({
    sizes: z
      .array(z.int().min(1).max(MAX_WIDTH))
      .min(2)
      .max(MAX_LAYERS + 1)
      .readonly(),
    activation: z.enum(["tanh", "relu", "silu"]) satisfies z.ZodType<NetShape["activation"]>,
    parameters: float32,
  })
  .refine((net) => net.parameters.length === countParameters(net.sizes), "must fit its sizes");

const expertSchema: z.ZodType<Expert> = z.union([
  z.object({ kind: z.literal("mlp"), net: netSchema }),
  z
    .object({
      kind: z.literal("ridge"),
      degree: z.union([z.literal(1), z.literal(2)]),
      nFeatures: z.int().min(1).max(MAX_TERMS),
      penalty: finite,
      coefficients: float64,
    })
    .refine(
      ({ nFeatures, degree, coefficients }) =>
        coefficients.length === 1 + countTerms(nFeatures, degree),
      "must fit its terms",
    ),
]);

const mixtureSchema: z.ZodType<Mixture> = z
  .object({
    experts: z.array(expertSchema).min(1).max(MAX_EXPERTS).readonly(),
    gate: z.object({ kind: z.literal("softmax"), net: netSchema }).nullable(),
    recombination: z.enum(["smooth", "hard"]),
  })
  .refine(
    ({ experts, gate }) => nRegimes(gate?.net ?? null) === experts.length,
    "must have a gate of its experts",
  );

const categorySchema: z.ZodType<Category> = z.object({
  name,
  levels: z.array(name).max(MAX_COLUMNS).readonly(),
});

const labelsSchema: z.ZodType<Labels> = z.union([
  z.object({ by: z.literal("chance") }),
  z.object({
    by: z.literal("cost"),
    noise: z.number().positive(),
    temperature: z.number().nonnegative(),
  }),
]);

/** Less noise would be none; more needs integers beyond 64 bits. */
const noise = z.number().min(LEAST_NOISE).max(MOST_NOISE);
const size = z
  .number()
  .min(1 / MOST_SIZE)
  .max(MOST_SIZE);

const ofModel = {
  preprocessing: z.custom<Preprocessing>(isPreprocessing, "must be a preprocessing"),
  side: z.enum(["training", "held-out", "all"]),
  seed: z.int(),
};

const shapeOnly: z.ZodType<Query> = z.union([
  z.object({
    kind: z.literal("buckets"),
    names,
    categories: z.array(categorySchema).max(MAX_COLUMNS).readonly(),
  }),
  z.object({ kind: z.literal("histogram"), names, least: numbers, most: numbers }),
  z.object({
    kind: z.literal("moments"),
    names,
    least: numbers,
    most: numbers,
    centres: numbers,
    units: z
      .array(z.number().positive())
      .max(MAX_COLUMNS + 1)
      .readonly(),
  }),
  z.object({
    kind: z.literal("ridge"),
    ...ofModel,
    degree: z.union([z.literal(1), z.literal(2)]),
    gate: netSchema.nullable(),
  }),
  z
    .object({
      kind: z.literal("gradient"),
      ...ofModel,
      experts: z.array(netSchema).min(1).max(MAX_EXPERTS).readonly(),
      gate: netSchema.nullable(),
      labels: labelsSchema,
      draw: z.object({ share: z.number().positive(), step: z.int().nonnegative() }),
    })
    .refine(
      ({ experts, gate }) => nRegimes(gate) === experts.length,
      "must have a gate of its experts",
    ),
  z.object({
    kind: z.literal("losses"),
    ...ofModel,
    mixtures: z.array(mixtureSchema).min(1).max(MAX_MODELS).readonly(),
  }),
  z.object({ kind: z.literal("errors"), ...ofModel, mixture: mixtureSchema }),
  z.object({ kind: z.literal("noised histogram"), names, least: numbers, most: numbers, noise }),
  z.object({
    kind: z.literal("noised ridge"),
    preprocessing: ofModel.preprocessing,
    crossed: z.array(z.int().nonnegative()).max(MAX_TERMS).readonly(),
    radius: size,
    targetRadius: size,
    noise,
  }),
]);

export const querySchema: z.ZodType<Query> = shapeOnly.superRefine((query, context) => {
  const problem = misfitOf(query);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

/** What does not fit between the parts of a query; null if all do. */
function misfitOf(query: Query): string | null {
  if (query.kind === "buckets") return null;
  if ("names" in query) {
    const more = query.kind === "moments" ? [query.centres, query.units] : [];
    const lists = [query.least, query.most, ...more];
    const fits = lists.every((own) => own.length === query.names.length + 1);
    return fits ? null : "must have a number for each column and the target";
  }
  const width = matrixWidth(query.preprocessing.features);
  if (width === 0) return "must have at least one feature";
  if (query.kind === "noised ridge") return misfitOfTerms(query, width);
  if (query.kind === "ridge") {
    const isSmall = countTerms(width, query.degree) <= MAX_TERMS;
    if (!isSmall) return `must have ${MAX_TERMS} terms at most`;
  }
  const { experts, gates, ridges } = partsOf(query);
  if (experts.some(({ sizes }) => sizes.at(-1) !== 1)) return "must have experts of one output";
  const fits =
    [...experts, ...gates].every(({ sizes }) => sizes[0] === width) &&
    ridges.every(({ nFeatures }) => nFeatures === width);
  return fits ? null : `must have experts and gates of ${width} inputs`;
}

function misfitOfTerms({ crossed }: NoisedRidgeQuery, width: number): string | null {
  const isAscending = crossed.every((a, place) => place === 0 || a > crossed[place - 1]!);
  if (!isAscending || (crossed.at(-1) ?? 0) >= width) return "must cross inputs that ascend";
  const isSmall = countPrivateTerms({ nFeatures: width, crossed }) <= MAX_TERMS;
  return isSmall ? null : `must have ${MAX_TERMS} terms at most`;
}

interface Parts {
  readonly experts: readonly Net[];
  readonly gates: readonly Net[];
  readonly ridges: readonly RidgeExpert[];
}

type ModelQuery = Exclude<Query, { readonly names: unknown } | NoisedRidgeQuery>;

function partsOf(query: ModelQuery): Parts {
  if (query.kind === "ridge" || query.kind === "gradient") {
    const experts = query.kind === "ridge" ? [] : query.experts;
    return { experts, gates: query.gate === null ? [] : [query.gate], ridges: [] };
  }
  const mixtures = query.kind === "losses" ? query.mixtures : [query.mixture];
  const experts = mixtures.flatMap((mixture) => mixture.experts);
  return {
    experts: experts.flatMap((own) => (own.kind === "mlp" ? [own.net] : [])),
    gates: mixtures.flatMap(({ gate }) => (gate?.kind === "softmax" ? [gate.net] : [])),
    ridges: experts.flatMap((own) => (own.kind === "ridge" ? [own] : [])),
  };
}
