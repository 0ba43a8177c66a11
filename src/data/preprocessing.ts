/**
 * From the user's columns to the matrix that experts see, and back for the target.
 *
 * A preprocessing is fitted on training rows only and kept in the bundle under the user's column
 * names. A numeric column becomes (value − mean) / scale, clipped to ±6; missing values take the
 * median and, where training rows had any, set an indicator column. Where a few values lie far
 * outside, mean and scale are those of the others (outliers.ts). Where 32 bits do not tell the
 * values apart, ranks take the place of standard units (ranks.ts). A categorical column becomes one
 * 0/1 column a level plus one for a level that is unknown or missing. A column of dates becomes
 * numeric features of its parts.
 */
import type { DatePart } from "./date-features.ts";
import type { ColumnReading, LevelEffects } from "./table.ts";

export interface NumberFeature {
  readonly type: "number";
  readonly name: string;
  readonly median: number;
  readonly mean: number;
  /** Standard deviation of the training rows, or 1 where that is 0. */
  readonly scale: number;
  /** True if training rows had missing values: then an indicator column follows the value. */
  readonly indicator: boolean;
  readonly constant?: Constant;
  /** Values that count as missing, because each repeats exactly and far outside the others. */
  readonly codes?: readonly number[];
  /** How values beyond ±6 are kept within bounds: cut off if absent, else in their order. */
  readonly tails?: "bounded";
  /** Set where 32 bits do not tell its values apart: it is then mapped by ranks (ranks.ts). */
  readonly knots?: readonly number[];
  /** The column that the numbers are computed from; a column of this name if absent. */
  readonly from?: DatePart | LevelEffects;
}

export interface CategoryFeature {
  readonly type: "category";
  readonly name: string;
  /** Known levels, sorted; column `levels.length` is the unknown level. */
  readonly levels: readonly string[];
  readonly constant?: Constant;
  /** No training row had an unknown or missing level: such a row has 0 in all columns. */
  readonly closed?: true;
  /** Share of the training rows with a level that is not kept; absent in earlier bundles. */
  readonly rare?: number;
}

/**
 * Set where all training rows had one value, or none had a value: the feature's columns are then as
 * they were in training, whatever a row holds, since nothing was learnt of other values.
 */
export type Constant = "one value" | "no values";

export type Feature = NumberFeature | CategoryFeature;

export interface TargetScale {
  readonly name: string;
  readonly mean: number;
  readonly scale: number;
  /**
   * Predictions are clipped to the training targets' range ± 10 % of it, in the user's units; of a
   * logarithm, to that range of logarithms.
   */
  readonly least: number;
  readonly most: number;
  /** Set where `mean` and `scale` are those of the target's natural logarithm. */
  readonly transform?: "log";
  /** What exponentials of answers are multiplied by, so that their mean is right; 1 if absent. */
  readonly factor?: number;
}

/** What the training cells of a number column were like. */
export interface ColumnStatistics {
  readonly name: string;
  /** At 5, 25, 50, 75 and 95 %, of the cells that are there; empty without any. */
  readonly quantiles: readonly number[];
  /** The value that most of these cells hold, and their share; null without any. */
  readonly commonest: { readonly value: number; readonly share: number } | null;
}

export interface Preprocessing {
  readonly features: readonly Feature[];
  readonly target: TargetScale;
  /** Texts that mark a missing value in this model's data; the default words if absent. */
  readonly missing?: readonly string[];
  /** How columns are read that are not plain. */
  readonly readings?: readonly ColumnReading[];
  /** Of number features and the target; absent from bundles of earlier versions. */
  readonly statistics?: readonly ColumnStatistics[];
}

/** Standardised values are clipped to ± this. */
export const CLIP = 6;

/** Matrix columns that a feature takes. */
export function featureWidth(feature: Feature): number {
  if (feature.type === "category") return feature.levels.length + 1;
  return feature.indicator ? 2 : 1;
}

/** Matrix columns that all features take. */
export function matrixWidth(features: readonly Feature[]): number {
  return features.reduce((sum, feature) => sum + featureWidth(feature), 0);
}
