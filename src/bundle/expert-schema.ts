/** The schema of an expert in a manifest. */
import { z } from "zod";
import type { NetShape, TreesExpert } from "../experts/index.ts";
import type { ExpertReport } from "../mixture/index.ts";
import { type ExplanationEntry, explanationEntrySchema } from "./explanation-schema.ts";
import { count, finite, hash, netShape, nFeatures, type Stored, share } from "./fields.ts";

const MAX_CENTRES = 100_000;
const MAX_TREES = 100_000;
const MAX_NODES = 10_000_000;

export type ExpertEntry = MlpEntry | RidgeEntry | GpEntry | TreesEntry;

/** The fields that experts of every kind have. */
export interface ExpertFacts extends ExpertReport {
  /** m<member>.e<k>, counted from 0. */
  readonly id: string;
  /** Present if the expert's answers are clipped to a separate range, in standardised units. */
  readonly range?: { readonly least: number; readonly most: number };
  /** Present if the bundle explains its regimes. */
  readonly explanation?: ExplanationEntry;
}

export interface MlpEntry extends Stored, ExpertFacts, NetShape {
  readonly kind: "mlp";
}

export interface RidgeEntry extends Stored, ExpertFacts {
  readonly kind: "ridge";
  readonly degree: 1 | 2;
  readonly nFeatures: number;
  readonly penalty: number;
}

export interface GpEntry extends Stored, ExpertFacts {
  readonly kind: "gp";
  readonly nFeatures: number;
  readonly nCentres: number;
}

export interface TreesEntry extends Stored, ExpertFacts {
  readonly kind: "trees";
  readonly family: TreesExpert["family"];
  readonly nFeatures: number;
  readonly nTrees: number;
  readonly nNodes: number;
}

const errorPowers = {
  nSamples: count,
  meanError: finite,
  meanSquaredError: finite.min(0),
  meanFourthPower: finite.min(0),
};

const expertFacts = {
  id: z.string().regex(/^m\d+\.e\d+$/),
  blob: hash,
  share,
  residuals: z.strictObject({
    ...errorPowers,
    standardised: z.strictObject(errorPowers).exactOptional(),
  }),
  range: z
    .strictObject({ least: finite, most: finite })
    .refine(({ least, most }) => least <= most, "least must be at most most")
    .exactOptional(),
  explanation: explanationEntrySchema.exactOptional(),
};

export const expertSchema: z.ZodType<ExpertEntry> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mlp"), ...expertFacts, ...netShape }),
  z.strictObject({
    kind: z.literal("ridge"),
    ...expertFacts,
    degree: z.union([z.literal(1), z.literal(2)]),
    nFeatures,
    penalty: finite.min(0),
  }),
  z.strictObject({
    kind: z.literal("gp"),
    ...expertFacts,
    nFeatures,
    nCentres: z.int().min(1).max(MAX_CENTRES),
  }),
  z.strictObject({
    kind: z.literal("trees"),
    family: z.enum(["trees", "forest"]),
    ...expertFacts,
    nFeatures,
    nTrees: z.int().min(0).max(MAX_TREES),
    nNodes: z.int().min(0).max(MAX_NODES),
  }),
]);
