/** Training samples in standardised units, and the ways a fit divides them. */
import { groupedKFold, holdOut, kFold, type Split } from "../data/index.ts";
import type { Samples } from "../experts/index.ts";
import { takeRows } from "../shared/matrix.ts";
import { childSeed } from "../shared/rng.ts";
import type { Range } from "./model.ts";
import { holdOutRepeats } from "./options.ts";

export type { Range };

/** The targets' range widened by a tenth of itself on both sides. */
export function targetRange(y: Float32Array): Range {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of y) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const margin = 0.1 * (most - least);
  return { least: least - margin, most: most + margin };
}

export function clip(value: number, { least, most }: Range): number {
  return Math.min(most, Math.max(least, value));
}

/** A copy of the given rows. */
export function takeSamples({ X, y, weights, groups }: Samples, rows: Int32Array): Samples {
  return {
    X: takeRows(X, rows),
    y: Float32Array.from(rows, (i) => y[i]!),
    weights: weights === null ? null : Float32Array.from(rows, (i) => weights[i]!),
    groups: groups === null ? null : Array.from(rows, (i) => groups[i]!),
  };
}

const HOLD_OUT_SHARE = 0.2;
const MIN_HOLD_OUT_ROWS = 8;

/** The hold-outs on which a fit tunes and chooses: repeated where there are few rows. */
export function innerHoldOuts({ y, groups }: Samples, seed: number): readonly Split[] {
  const nIndependent = countIndependent({ y, groups });
  const testFraction = Math.max(HOLD_OUT_SHARE, Math.min(0.5, MIN_HOLD_OUT_ROWS / y.length));
  return Array.from({ length: holdOutRepeats(nIndependent) }, (_, repeat) =>
    holdOut(y.length, { testFraction, seed: childSeed(seed, `hold-out ${repeat}`), groups }),
  );
}

/** The number of independent rows: of groups, if rows are grouped. */
export function countIndependent({ y, groups }: Pick<Samples, "y" | "groups">): number {
  return groups === null ? y.length : new Set(groups).size;
}

/** Folds of the samples, groups kept whole: no more folds than groups. */
export function innerFolds(
  { y, groups }: Samples,
  options: { readonly folds: number; readonly seed: number },
): readonly Split[] {
  if (groups === null) return kFold(y.length, options);
  const folds = Math.min(options.folds, Math.max(2, countIndependent({ y, groups })));
  return groupedKFold(groups, { ...options, folds });
}

/** With more rows one fold after the other: each holds a copy of its rows. */
const ROWS_SIDE_BY_SIDE = 50_000;

/** How many folds of this number of samples are fitted side by side. */
export function foldsAtOnce(nSamples: number): number {
  return nSamples <= ROWS_SIDE_BY_SIDE ? 2 : 1;
}

/** 0, 1, …, n − 1. */
export function allRows(nSamples: number): Int32Array {
  return Int32Array.from({ length: nSamples }, (_, i) => i);
}
