/** The schema of an expert in a manifest. */
import * as v from "valibot";
import type { NetShape, TreesExpert } from "../experts/index.ts";
import type { ExpertReport } from "../mixture/index.ts";
import { type ExplanationEntry, explanationEntrySchema } from "./explanation-schema.ts";
import {
  count,
  finite,
  hash,
  netShape,
  nFeatures,
  notNegative,
  type Stored,
  share,
  whole,
} from "./fields.ts";

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
  meanSquaredError: notNegative,
  meanFourthPower: notNegative,
};

const expertFacts = {
  id: v.pipe(v.string(), v.regex(/^m\d+\.e\d+$/)),
  blob: hash,
  share,
  residuals: v.strictObject({
    ...errorPowers,
    standardised: v.exactOptional(v.strictObject(errorPowers)),
  }),
  range: v.exactOptional(
    v.pipe(
      v.strictObject({ least: finite, most: finite }),
      v.check(({ least, most }) => least <= most, "least must be at most most"),
    ),
  ),
  explanation: v.exactOptional(explanationEntrySchema),
};

export const expertSchema: v.GenericSchema<ExpertEntry> = v.variant("kind", [
  v.strictObject({ kind: v.literal("mlp"), ...expertFacts, ...netShape }),
  v.strictObject({
    kind: v.literal("ridge"),
    ...expertFacts,
    degree: v.union([v.literal(1), v.literal(2)]),
    nFeatures,
    penalty: notNegative,
  }),
  v.strictObject({
    kind: v.literal("gp"),
    ...expertFacts,
    nFeatures,
    nCentres: whole(1, MAX_CENTRES),
  }),
  v.strictObject({
    kind: v.literal("trees"),
    family: v.picklist(["trees", "forest"]),
    ...expertFacts,
    nFeatures,
    nTrees: whole(0, MAX_TREES),
    nNodes: whole(0, MAX_NODES),
  }),
]);
