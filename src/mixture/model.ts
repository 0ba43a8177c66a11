/**
 * A model, as a fit returns it and a bundle stores it: preprocessing and weighted mixtures.
 *
 * Plain readonly data. A single mixture is one member of weight 1; a mixture of one expert has no
 * gate. Everything between `Preprocessing` and `TargetScale` lives in standardised units.
 */
import type { Preprocessing } from "../data/index.ts";
import type { Expert } from "../experts/index.ts";
import type { Gate } from "../gate/index.ts";
import type { Calibration } from "./intervals/conformal.ts";

export type Recombination = "smooth" | "hard";

/** The range of clipped answers, in standardised units. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** How experts' answers become one: those computed here, on a node or on a server. */
export interface Blend<E = unknown> {
  /** At least one. Their order is the gate's order of outputs. */
  readonly experts: readonly E[];
  /** null exactly if there is one expert. */
  readonly gate: Gate | null;
  /** smooth: Σ_k g_k(x) f_k(x); hard: the answer of the expert with the largest score. */
  readonly recombination: Recombination;
  /**
   * The range of each expert's clipped answers, in standardised units; null (and absent for all
   * experts) for the model's range. An expert that was trained on later rows has a separate range.
   */
  readonly ranges?: readonly (Range | null)[];
}

/** A blend whose experts are here. */
export interface Mixture extends Blend<Expert> {}

export interface Member {
  /** Weights of a model's members are not negative and sum to 1. */
  readonly weight: number;
  readonly mixture: Mixture;
}

export interface Model {
  readonly preprocessing: Preprocessing;
  readonly members: readonly Member[];
  /** The calibration of intervals, in standardised units; absent without held-out rows. */
  readonly intervals?: Calibration;
}
