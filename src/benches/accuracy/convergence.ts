/**
 * Was the single net trained enough? Told by the same net, from the same start, with more steps:
 * four times, and sixteen times where four take something off.
 */
import { ratioOf } from "./comparisons.ts";
import type { AccuracyRow } from "./row.ts";

export type Convergence = "converged" | "not converged" | "not checked";

export interface ConvergenceCheck {
  /** Of the single net. */
  readonly convergence: Convergence;
  /** Mean MSE of the net with 4 × the steps ÷ that of the same net; null if it was not checked. */
  readonly longerVsShorter: number | null;
  /** With 16 × ÷ with 4 × the steps; null if it was not checked. */
  readonly longestVsLonger: number | null;
  /** The net with the fewest steps that more steps do not improve; null if there is none. */
  readonly convergedNet: "single" | "longer" | null;
}

/** A net that four times the steps make better by more than this was not converged. */
const LEAST_RATIO = 0.98;

/** @param rows - Of one set. */
export function checkConvergence(rows: readonly AccuracyRow[]): ConvergenceCheck {
  const longerVsShorter = ratioOf(rows, "longer", "shorter");
  const longestVsLonger = ratioOf(rows, "longest", "longer");
  const convergence = convergenceBy(longerVsShorter);
  const enough = convergenceBy(longestVsLonger) === "converged" ? "longer" : null;
  const convergedNet = convergence === "converged" ? "single" : enough;
  return { convergence, longerVsShorter, longestVsLonger, convergedNet };
}

function convergenceBy(ratio: number | null): Convergence {
  if (ratio === null) return "not checked";
  return ratio >= LEAST_RATIO ? "converged" : "not converged";
}

/** Rows whose set calls for the longest net, and that lack it. */
export function unsettledRows(rows: readonly AccuracyRow[]): readonly AccuracyRow[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.flatMap((set) => {
    const ofSet = rows.filter((row) => row.set === set);
    if (checkConvergence(ofSet).convergence !== "not converged") return [];
    return ofSet.filter(({ mse }) => !("longest" in mse));
  });
}
