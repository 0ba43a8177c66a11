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
