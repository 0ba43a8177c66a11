/**
 * The server's answers, checked: an address may lead to anything that speaks HTTP.
 *
 * Members that are not listed are left aside.
 */
import { z } from "zod";
import { BailiwickError } from "../../shared/errors.ts";
import type { ModelMetadata, Predictions } from "./answer-types.ts";

const numberOrNull = z.number().nullable();
const shape = z.array(z.int().min(0)).max(2);

const memberRoute = z.object({
  weight: z.number(),
  expert: z.string(),
  gateScore: z.number(),
  scores: z.array(z.number()),
  novelty: numberOrNull.optional(),
});

const contributions = z.object({
  columns: z.array(z.string()),
  base: z.number(),
  values: z.array(z.array(z.number())),
  errors: z.array(z.array(z.number())),
  limits: z.array(z.number()),
});

export const predictionsSchema: z.ZodType<Predictions> = z.object({
  model: z.string(),
  version: z.string(),
  predictions: z.array(z.number()),
  lower: z.array(numberOrNull).optional(),
  upper: z.array(numberOrNull).optional(),
  warnings: z.array(z.string()).optional(),
  contributions: contributions.optional(),
  routes: z.array(z.object({ members: z.array(memberRoute), degraded: z.boolean() })).optional(),
});

const tensorFacts = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()),
});

export const metadataSchema: z.ZodType<ModelMetadata> = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorFacts),
  outputs: z.array(tensorFacts),
  interval_outputs: z.array(tensorFacts).optional(),
  highest_interval: z.number().optional(),
});

export interface OutputHead {
  readonly name: string;
  readonly datatype: "FP64" | "INT32";
  readonly shape: readonly number[];
  readonly parameters: { readonly binary_data_size: number };
}

/** The JSON before the tensors of a binary answer. */
export interface InferenceHead {
  readonly model_name: string;
  readonly model_version: string;
  readonly id?: string | null | undefined;
  readonly outputs: readonly OutputHead[];
}

export const inferenceSchema: z.ZodType<InferenceHead> = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().nullish(),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.enum(["FP64", "INT32"]),
      shape,
      parameters: z.object({ binary_data_size: z.int().min(0) }),
    }),
  ),
});

/**
 * JSON of a schema.
 *
 * @throws SERVER_UNAVAILABLE for anything else: another program answers there.
 */
export function readAnswer<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    const message = "the server must answer as bailiwick does, got something else";
    throw new BailiwickError("SERVER_UNAVAILABLE", message, {}, cause);
  }
}
