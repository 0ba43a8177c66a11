/** Fields that the schemas of a manifest's parts share, and their limits. */
import { z } from "zod";
import { MAX_LAYER_WIDTH, MAX_LAYERS, type NetShape } from "../experts/index.ts";

export const MAX_EXPERTS = 256;
export const MAX_FEATURES = 100_000;
const MAX_NAME_LENGTH = 10_000;

/** A part of a model whose parameters are in a blob. */
export interface Stored {
  /** The blob's SHA-256. */
  readonly blob: string;
}

export const name: z.ZodString = z.string().max(MAX_NAME_LENGTH);
export const finite: z.ZodNumber = z.number();
export const positive: z.ZodNumber = z.number().gt(0);
export const count: z.ZodInt = z.int().min(0);
export const share: z.ZodNumber = z.number().min(0).max(1);
export const hash: z.ZodString = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");
export const netShape: {
  readonly sizes: z.ZodType<number[]>;
  readonly activation: z.ZodType<NetShape["activation"]>;
} = {
  sizes: z
    .array(z.int().min(1).max(MAX_LAYER_WIDTH))
    .min(2)
    .max(MAX_LAYERS + 1),
  activation: z.enum(["tanh", "relu", "silu"]),
};
export const nFeatures: z.ZodInt = z.int().min(1).max(MAX_FEATURES);
