/** What is to be done with an expert, and why: made by decide.ts, carried out by carry-out.ts. */
import type { KnownExpert } from "./current.ts";
import type { Evidence } from "./monitor.ts";

/**
 * - keep: nothing has changed, or nothing can be learnt yet.
 * - retrain: another law in the same place, or the same with many more rows.
 * - recall: an expert that served before, and was retired, knows the new law.
 * - merge: another expert of the mixture knows it; both become one.
 * - split: another law in a part of the place only: a new expert for that part.
 * - grow: rows whose like nobody knows, with a law of their own: a new expert.
 * - refit: so much has changed that fitting everything anew is cheaper; left to the user, who has
 *   the rows: nothing is changed.
 */
export type Action = "keep" | "retrain" | "recall" | "merge" | "split" | "grow" | "refit";

export interface Decision {
  readonly member: number;
  /** For `grow` the number that the new expert gets. */
  readonly expert: number;
  /** "m0.e2" */
  readonly id: string;
  readonly action: Action;
  /** In words, with the figures that decided. */
  readonly why: string;
  /** null where rows are what decided. */
  readonly evidence: Evidence | null;
  /** New rows that are the expert's. */
  readonly nRows: number;
  /** Those to learn from, by their place in the batch; of a split, those that have changed. */
  readonly rows: Int32Array;
  /** Rows of earlier batches that follow the new law too: the last so many of the regime. */
  readonly nEarlier: number;
  /** Of a split, the rows of the expert that have not changed. */
  readonly staying: Int32Array | null;
  /** Who knows the law already, for `recall` and `merge`. */
  readonly source: KnownExpert | null;
  /** Root mean squared error on `rows` in the target's units. */
  readonly errorNow: number | null;
  /** What it is to be; null where the law has not changed. */
  readonly errorExpected: number | null;
  /** Multiply-adds of training. */
  readonly cost: number;
}

/** What `keep` says when there is nothing to say. */
export const NO_ROWS: Int32Array = new Int32Array(0);
