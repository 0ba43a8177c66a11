/** The schema of a gate in a manifest. */
import { z } from "zod";
import type { NetShape } from "../experts/index.ts";
import type { SvmKernel } from "../gate/index.ts";
import {
  hash,
  MAX_EXPERTS,
  MAX_FEATURES,
  netShape,
  nFeatures,
  positive,
  type Stored,
} from "./fields.ts";

const MAX_REFINEMENTS = 256;
const MAX_NETS = 64;
/** Limits of one tree gate. */
const MAX_NODES = 100_000;
const MAX_KNOTS = 10_000_000;

export type GateEntry = SoftmaxEntry | EnsembleEntry | TreeEntry | SvmEntry;

export interface SoftmaxEntry extends Stored, NetShape {
  readonly kind: "softmax";
  readonly truncation?: number;
}

/** Nets of one shape. */
export interface EnsembleEntry extends Stored, NetShape {
  readonly kind: "ensemble";
  readonly nNets: number;
  /** The inputs that the nets see. */
  readonly features: readonly number[];
  readonly nFeatures: number;
  readonly temperature: number;
}

export interface TreeEntry extends Stored {
  readonly kind: "tree";
  readonly nExperts: number;
  readonly nFeatures: number;
  readonly nNodes: number;
  /** Total over all cuts. */
  readonly nKnots: number;
}

/** Machines of one gate, all pairs of `nExperts`. */
export interface MachinesEntry extends Stored {
  readonly nExperts: number;
  readonly nFeatures: number;
  readonly cost: number;
  readonly gamma: number;
  /** "rbf" if not given. */
  readonly kernel?: SvmKernel;
  /** The inputs that the machines see; all if not given. */
  readonly features?: readonly number[];
}

export interface SvmEntry extends MachinesEntry {
  readonly kind: "svm";
  readonly refinements?: readonly RefinementEntry[];
}

export interface RefinementEntry extends MachinesEntry {
  readonly experts: readonly number[];
}

const ascending = (most: number): z.ZodArray<z.ZodInt> =>
  z
    .array(z.int().min(0).max(most))
    .refine((ks) => ks.every((k, i) => i === 0 || k > ks[i - 1]!), "must be ascending");

const machines = {
  blob: hash,
  nExperts: z.int().min(2).max(MAX_EXPERTS),
  nFeatures,
  cost: positive,
  gamma: positive,
  kernel: z.enum(["linear", "quadratic", "rbf"]).exactOptional(),
  features: ascending(MAX_FEATURES).min(1).exactOptional(),
};

export const gateSchema: z.ZodType<GateEntry> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("softmax"),
    blob: hash,
    ...netShape,
    truncation: z.number().min(0).lt(1).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal("ensemble"),
    blob: hash,
    ...netShape,
    nNets: z.int().min(1).max(MAX_NETS),
    features: ascending(MAX_FEATURES),
    nFeatures,
    temperature: positive,
  }),
  z.strictObject({
    kind: z.literal("tree"),
    blob: hash,
    nExperts: z.int().min(2).max(MAX_EXPERTS),
    nFeatures,
    nNodes: z.int().min(1).max(MAX_NODES),
    nKnots: z.int().min(0).max(MAX_KNOTS),
  }),
  z.strictObject({
    kind: z.literal("svm"),
    ...machines,
    refinements: z
      .array(
        z.strictObject({
          experts: ascending(MAX_EXPERTS).min(2),
          ...machines,
        }),
      )
      .min(1)
      .max(MAX_REFINEMENTS)
      .exactOptional(),
  }),
]);
