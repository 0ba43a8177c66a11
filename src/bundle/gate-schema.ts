/** What a manifest holds of a gate. */
import { z } from "zod";
import type { NetShape } from "../experts/index.ts";
import { hash, MAX_EXPERTS, netShape, nFeatures, positive, type Stored } from "./fields.ts";

const MAX_REFINEMENTS = 256;

export type GateEntry = SoftmaxEntry | SvmEntry;

export interface SoftmaxEntry extends Stored, NetShape {
  readonly kind: "softmax";
  readonly truncation?: number;
}

/** Machines of one gate, all pairs of `nExperts`. */
export interface MachinesEntry extends Stored {
  readonly nExperts: number;
  readonly nFeatures: number;
  readonly cost: number;
  readonly gamma: number;
}

export interface SvmEntry extends MachinesEntry {
  readonly kind: "svm";
  readonly refinements?: readonly RefinementEntry[];
}

export interface RefinementEntry extends MachinesEntry {
  readonly experts: readonly number[];
}

const machines = {
  blob: hash,
  nExperts: z.int().min(2).max(MAX_EXPERTS),
  nFeatures,
  cost: positive,
  gamma: positive,
};

export const gateSchema: z.ZodType<GateEntry> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("softmax"),
    blob: hash,
    ...netShape,
    truncation: z.number().min(0).lt(1).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("svm"),
    ...machines,
    refinements: z
      .array(
        z.strictObject({
          experts: z
            .array(z.int().min(0).max(MAX_EXPERTS))
            .min(2)
            .refine((ks) => ks.every((k, i) => i === 0 || k > ks[i - 1]!), "must be ascending"),
          ...machines,
        }),
      )
      .min(1)
      .max(MAX_REFINEMENTS)
      .exactOptional(),
  }),
]);
