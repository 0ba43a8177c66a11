/** What an expert that learns starts from and learns, and how it is measured. */
import { type Expert, predictExpert, type Samples } from "../../../experts/index.ts";
import { clip, type Executor, type Range } from "../../../mixture/index.ts";

/** An expert and where its answers are clipped. */
export interface ClippedExpert {
  readonly expert: Expert;
  readonly range: Range;
}

/** The rows that an expert is to learn. */
export interface Lesson {
  /** New rows. */
  readonly fresh: Samples;
  /** Rows of earlier days of the same regime. */
  readonly old: Samples | null;
}

export interface Learning {
  readonly seed: number;
  readonly executor: Executor;
}

/** Rows for candidates to learn, and rows to choose among them. */
export interface Trial {
  readonly learnt: Lesson;
  readonly held: Samples;
}

/** The candidate that was chosen on held-out rows, and the expert that has learnt from all. */
export interface Chosen {
  readonly candidate: Expert;
  readonly expert: Expert;
  /** Errors of the candidate on held-out new rows, standardised. */
  readonly heldOut: Float64Array;
  /** The weight of old rows that was chosen; null where there are none. */
  readonly oldWeight: number | null;
  /** Multiply-adds. */
  readonly cost: number;
}

/** An expert's answers less the targets, standardised. Shape (samples.y.length,). */
export function errorsOn(
  { engine }: Pick<Executor, "engine">,
  { expert, range }: ClippedExpert,
  { X, y }: Samples,
): Float64Array {
  const answers = predictExpert(engine, expert, X);
  return Float64Array.from(answers, (value, i) => clip(value, range) - y[i]!);
}
