/**
 * The content of result.json. Losses are in the target's units. Times and dates
 * are the only fields that may differ between two runs of the same seed.
 */
import type { RegressionMetrics } from "../metrics/index.ts";
import type { Candidate, NetSettings, Verdict } from "../mixture/index.ts";
import type { CommitteeFacts } from "../reports/facts/index.ts";
import type { ExperimentConfig, Method } from "./config.ts";

export interface MethodResult extends RegressionMetrics {
  readonly fitMs: number;
  /** Multiply-adds of the training, without tuning. */
  readonly cost: number;
  readonly nParameters: number;
}

export interface SplitResult {
  readonly split: number;
  readonly nTrain: number;
  readonly nTest: number;
  readonly settings: NetSettings;
  /** Empty for a committee. */
  readonly candidates: readonly Candidate[];
  /** Total of all members. */
  readonly nExperts: number;
  /** Present if the method "mixture" is a committee. */
  readonly committee?: CommitteeFacts;
  readonly equalCostSize: number;
  /**
   * One per expert, member by member: number and error of its test rows; null without rows.
   */
  readonly perExpert: readonly { readonly nSamples: number; readonly mse: number | null }[];
  readonly methods: Readonly<Partial<Record<Method, MethodResult>>>;
}

export interface MeanAndError {
  readonly mean: number;
  /** Standard error over the splits. */
  readonly se: number;
}

export interface MethodSummary {
  readonly mse: MeanAndError;
  readonly rmse: MeanAndError;
  readonly mae: MeanAndError;
  readonly fitMs: MeanAndError;
}

export interface Comparison {
  readonly rival: Method;
  /** 1 − mixture's mean mse / rival's: positive where the mixture is better. */
  readonly reduction: number;
  /** Corrected resampled t test over the splits, two-sided. */
  readonly p: number;
  /** The same, adjusted for the number of rivals (Holm). */
  readonly pHolm: number;
}

export interface ExperimentResult {
  readonly formatVersion: 1;
  readonly name: string;
  readonly dataset: {
    readonly name: string;
    readonly sha256: string;
    readonly nRows: number;
    readonly nFeatures: number;
    readonly target: string;
    readonly warnings: readonly string[];
  };
  readonly protocol: ExperimentConfig["protocol"];
  readonly config: ExperimentConfig;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly engine: string;
  readonly createdAt: string;
  readonly fitMs: number;
  readonly splits: readonly SplitResult[];
  readonly summary: {
    readonly methods: Readonly<Partial<Record<Method, MethodSummary>>>;
    /** Against the better of the single net and the ensemble of equal cost. */
    readonly reduction: number;
    readonly pairedTest: { readonly rival: Method; readonly p: number };
    readonly comparisons: readonly Comparison[];
  };
  readonly verdict: Verdict;
  readonly bundleDigest: string | null;
}

/** Predictions on a split's test rows, for pictures; not part of result.json. */
export interface SplitPredictions {
  readonly split: number;
  /** The numbers of the test rows in the data. */
  readonly rows: Int32Array;
  readonly truth: Float64Array;
  readonly mixture: Float64Array;
  readonly single: Float64Array;
}
