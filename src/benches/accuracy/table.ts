/** What a table is, and what all tables of sets say alike. */
import type { SetTally } from "./tally.ts";

export interface AccuracyTable {
  readonly title: string;
  readonly header: readonly string[];
  /** Each as long as `header`; the first cell names the row. */
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/** A cell without a value. */
export const NONE = "–";

const CONVERGENCE_MARKS = { converged: "", "not converged": "*", "not checked": "°" } as const;

export function nameOfSet({ set, convergence }: Pick<SetTally, "set" | "convergence">): string {
  return `${set}${CONVERGENCE_MARKS[convergence]}`;
}

/** What the marks mean that these sets have; empty if they have none. */
export function convergenceNotes(
  tallies: readonly Pick<SetTally, "convergence">[],
): readonly string[] {
  const found = new Set(tallies.map(({ convergence }) => convergence));
  return [
    ...(found.has("not converged")
      ? [`* the single net has not converged: four times the steps take off more than 2 %.`]
      : []),
    ...(found.has("not checked") ? ["° not checked whether the single net has converged."] : []),
  ];
}

export const RATIO_NOTE: string =
  "Below 1 ours is better. ↓ significantly lower, ↑ significantly higher: p < .05 by the " +
  "corrected resampled t test over the splits, adjusted over the sets (Holm).";
