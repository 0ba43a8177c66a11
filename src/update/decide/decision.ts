/** A decision: what is to be done with an expert, and why. train/ carries it out. */
import type { KnownExpert } from "../current.ts";
import type { Evidence } from "../watch/index.ts";

/**
 * - keep: nothing has changed, or nothing can be learnt yet.
 * - retrain: another law in the same place, or the same law with many more rows.
 * - recall: an expert of an earlier version predicts the new rows as well as its own.
 * - merge: another expert of the mixture does; both become one.
 * - split: another law in one part of the place: a new expert for that part.
 * - grow: strange rows with a law of their own: a new expert.
 * - refit: so much has changed that a new fit of everything is cheaper. Nothing is changed: the
 *   user has the rows and fits again.
 */
export type Action = "keep" | "retrain" | "recall" | "merge" | "split" | "grow" | "refit";

export interface Decision {
  readonly member: number;
  /** For `grow` the number that the new expert gets. */
  readonly expert: number;
  /** "m0.e2" */
  readonly id: string;
  readonly action: Action;
  /** A sentence with the figures that decided. */
  readonly why: string;
  /** null where the number of rows decided. */
  readonly evidence: Evidence | null;
  /** New rows that are the expert's. */
  readonly nRows: number;
  /** The rows to learn from, by their place in the batch; of a split, those that have changed. */
  readonly rows: Int32Array;
  /** The last `nEarlier` stored rows of the regime follow the new law too. */
  readonly nEarlier: number;
  /** Of a split, the rows of the expert that have not changed. */
  readonly staying: Int32Array | null;
  /** The expert that predicts the new law already, for `recall` and `merge`. */
  readonly source: KnownExpert | null;
  /** Root mean squared error on `rows` in the target's units. */
  readonly errorNow: number | null;
  /** The error to expect after the change; null where the law has not changed. */
  readonly errorExpected: number | null;
  /** Multiply-adds of training. */
  readonly cost: number;
}

/** The rows of a decision to keep. */
export const NO_ROWS: Int32Array = new Int32Array(0);
