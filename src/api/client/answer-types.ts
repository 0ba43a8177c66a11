/** What the server answers, as a program gets it. */

/** How one member of the model routed a row. */
export interface MemberRoute {
  /** The member's part of the prediction; 0 if it only explains. */
  readonly weight: number;
  readonly expert: string;
  /** The gate's score for that expert. */
  readonly gateScore: number;
  /** Of all experts. */
  readonly scores: readonly number[];
  /** Above 1: unlike the expert's training rows; null if it had none. */
  readonly novelty?: number | null | undefined;
}

export interface RowRoute {
  readonly members: readonly MemberRoute[];
  /** Whether an expert could not answer and others stood in. */
  readonly degraded: boolean;
}

/** What each column contributes to each prediction, in the target's units. */
export interface RowContributions {
  readonly columns: readonly string[];
  /** A prediction is base + Σ its values + its limit. */
  readonly base: number;
  /** For each row, a value for each column. */
  readonly values: readonly (readonly number[])[];
  /** Standard errors of the values; 0 where they are exact. */
  readonly errors: readonly (readonly number[])[];
  /** What a bound on predictions cut, for each row. */
  readonly limits: readonly number[];
}

export interface Predictions {
  readonly model: string;
  readonly version: string;
  /** One a row, in the target's units. */
  readonly predictions: readonly number[];
  /** One a row, if an interval was asked for; null where experts stood in for another. */
  readonly lower?: readonly (number | null)[] | undefined;
  readonly upper?: readonly (number | null)[] | undefined;
  /** In what rows differ from the training rows, a sentence a column; absent where they do not. */
  readonly warnings?: readonly string[] | undefined;
  /** If asked for; absent where experts stood in for another. */
  readonly contributions?: RowContributions | undefined;
  /** One a row; if asked for. */
  readonly routes?: readonly RowRoute[] | undefined;
}

export interface TensorFacts {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorFacts[];
  readonly outputs: readonly TensorFacts[];
  /** What `interval` adds, and up to which level; absent where the model has no intervals. */
  readonly interval_outputs?: readonly TensorFacts[] | undefined;
  readonly highest_interval?: number | undefined;
}
