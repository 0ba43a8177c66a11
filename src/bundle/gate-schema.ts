/** The schema of a gate in a manifest. */
import * as v from "valibot";
import type { NetShape } from "../experts/index.ts";
import type { SvmKernel } from "../gate/index.ts";
import {
  hash,
  list,
  MAX_EXPERTS,
  MAX_FEATURES,
  netShape,
  nFeatures,
  positive,
  type Stored,
  whole,
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

const ascending = (most: number, least = 0) =>
  v.pipe(
    v.array(whole(0, most)),
    v.minLength(least),
    v.check((ks) => ks.every((k, i) => i === 0 || k > ks[i - 1]!), "must be ascending"),
  );

const machines = {
  blob: hash,
  nExperts: whole(2, MAX_EXPERTS),
  nFeatures,
  cost: positive,
  gamma: positive,
  kernel: v.exactOptional(v.picklist(["linear", "quadratic", "rbf"])),
  features: v.exactOptional(ascending(MAX_FEATURES, 1)),
};

const refinementSchema = v.strictObject({ experts: ascending(MAX_EXPERTS, 2), ...machines });

export const gateSchema: v.GenericSchema<GateEntry> = v.variant("kind", [
  v.strictObject({
    kind: v.literal("softmax"),
    blob: hash,
    ...netShape,
    truncation: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.ltValue(1))),
  }),
  v.strictObject({
    kind: v.literal("ensemble"),
    blob: hash,
    ...netShape,
    nNets: whole(1, MAX_NETS),
    features: ascending(MAX_FEATURES),
    nFeatures,
    temperature: positive,
  }),
  v.strictObject({
    kind: v.literal("tree"),
    blob: hash,
    nExperts: whole(2, MAX_EXPERTS),
    nFeatures,
    nNodes: whole(1, MAX_NODES),
    nKnots: whole(0, MAX_KNOTS),
  }),
  v.strictObject({
    kind: v.literal("svm"),
    ...machines,
    refinements: v.exactOptional(list(refinementSchema, MAX_REFINEMENTS, 1)),
  }),
]);
