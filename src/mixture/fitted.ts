/** The result of a mixture's fit: the mixture, and everything for its report. */
import type { Net } from "../experts/index.ts";
import type { FittedBoundary } from "../gate/index.ts";
import type { Choice } from "./choose.ts";
import type { Partition } from "./compete.ts";
import type { RegimeSearch } from "./likelihood/index.ts";
import type { Mixture } from "./model.ts";
import type { RegimeFold } from "./regimes/cross-fit.ts";
import type { Tuned } from "./tune.ts";

export interface FittedMixture {
  readonly mixture: Mixture;
  /** The single net that the mixture grew from: the baseline it has to beat. */
  readonly base: Net;
  /** Multiply-adds spent on the base net. */
  readonly baseCost: number;
  readonly tuned: Tuned;
  readonly choice: Choice;
  /** null if one expert was chosen. */
  readonly partition: Partition | null;
  /** The search for the regimes; null if experts competed. */
  readonly search: RegimeSearch | null;
  /** What the fit of regimes left; null if experts competed. */
  readonly regimes: {
    readonly folds: readonly RegimeFold[];
    /** The choice of the boundary; null for one expert. */
    readonly boundary: FittedBoundary | null;
  } | null;
  /** Multiply-adds spent after tuning: what an ensemble of equal cost may spend. */
  readonly cost: number;
}
