/**
 * The explanation of a model's regimes: for each expert of each member a card for people, and the
 * parameters that measure how novel a row is to the expert.
 *
 * Plain readonly data, made once when a model is fitted (explain.ts), kept in its bundle. It holds
 * no rows. Everything on a card is in the user's columns and units.
 */
import type { ResidualSummary } from "../mixture/index.ts";

export interface Explanation {
  /** One entry per member, in the model's order. */
  readonly members: readonly MemberExplanation[];
}

export interface MemberExplanation {
  /** A row is near a boundary if its two best gate scores differ by less. In [0, 1]. */
  readonly boundaryMargin: number;
  /** One entry per expert, in the mixture's order. */
  readonly experts: readonly ExpertExplanation[];
}

export interface ExpertExplanation {
  readonly card: RegimeCard;
  readonly novelty: NoveltyParameters;
}

/** One regime: the training rows that the gate sends to one expert. */
export interface RegimeCard {
  readonly nRows: number;
  /** Share of all training rows. */
  readonly share: number;
  /** The expert's errors on held-out rows, in the target's units. */
  readonly residuals: ResidualSummary;
  /** Share of the regime's rows that are near a boundary. */
  readonly boundaryShare: number;
  /** null if the regime has all rows or none, or if no short rule separates it from the others. */
  readonly rule: Rule | null;
  /** Effects of the features that change the expert's answer most, the most important first. */
  readonly effects: readonly Effect[];
}

/** A row is described by a rule if it meets every condition of one of the alternatives. */
export interface Rule {
  /**
   * One or two lists of one to three conditions, each on a different feature. For a tree gate: one
   * list per leaf, with a condition for each feature that is cut on the path to it.
   */
  readonly alternatives: readonly (readonly Condition[])[];
  /** Share of the described training rows that are of the regime. */
  readonly purity: number;
  /** Share of the regime's training rows that are described. */
  readonly coverage: number;
}

export type Condition = RangeCondition | MissingCondition | LevelsCondition;

/** from ≤ value < to; null for no bound. At least one bound is given. */
export interface RangeCondition {
  readonly kind: "range";
  readonly feature: string;
  readonly from: number | null;
  readonly to: number | null;
  /** Whether a missing value meets the condition too. */
  readonly orMissing: boolean;
}

/** The number is missing, or is not missing. */
export interface MissingCondition {
  readonly kind: "missing";
  readonly feature: string;
  readonly missing: boolean;
}

/** The category has one of the levels, or none of them. */
export interface LevelsCondition {
  readonly kind: "levels";
  readonly feature: string;
  /** null means a missing level, or one that the model does not know. */
  readonly levels: readonly (string | null)[];
  readonly among: boolean;
}

/** How an expert's answer depends on one feature, with all others as in the regime's rows. */
export interface Effect {
  readonly feature: string;
  /**
   * How much the answer changes with this feature alone: the root of the mean variance of the
   * answer over the feature's values, in the target's units.
   */
  readonly importance: number;
  /** Values of the feature in the regime: ascending numbers, or levels. */
  readonly values: readonly (number | string)[];
  /** The expert's mean answer at each value, in the target's units. Same length. */
  readonly answers: readonly number[];
}

/**
 * The novelty of x, a preprocessed row, is the larger of two figures, each above 1 where x is
 * stranger than all but a few held-out rows: the least of ‖W(x − c)‖ ÷ radius over the centroids
 * c; and the most that an input leaves its range, in slacks.
 */
export interface NoveltyParameters {
  readonly nFeatures: number;
  /** W: lower triangle, row by row, d(d + 1)/2 numbers; or d numbers if it is diagonal. */
  readonly whitening: Float32Array;
  /** W·c. Shape (nCentroids, nFeatures); none for an expert without rows: all rows are novel. */
  readonly centroids: Float32Array;
  /** Positive. Shape (nCentroids,). */
  readonly radii: Float32Array;
  /** The range of each input. Shape (nFeatures,). */
  readonly least: Float32Array;
  readonly most: Float32Array;
  /** How far an input may leave its range. Positive. Shape (nFeatures,). */
  readonly slack: Float32Array;
}
