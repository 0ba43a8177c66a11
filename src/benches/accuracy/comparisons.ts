/** One of our committees against one rival on one set, over the splits that both have. */
import { correctedPairedTest, mean } from "../../metrics/index.ts";
import { BEST_TREES, OURS, type Ours, rivalsAmong, TREES } from "./methods.ts";
import type { AccuracyRow } from "./row.ts";

export interface Comparison {
  readonly ours: Ours;
  readonly rival: string;
  /** Splits that both have. */
  readonly nSplits: number;
  /** Mean test MSE over those splits, our method ÷ the rival: below 1 our method is better. */
  readonly ratio: number;
  /** 1 − ratio. */
  readonly reduction: number;
  /** Two-sided, by the corrected resampled t test on the splits' MSE. */
  readonly p: number;
}

/** The mean test MSE of two methods over the splits that both have; null if there is none. */
export function ratioOf(
  rows: readonly AccuracyRow[],
  method: string,
  rival: string,
): number | null {
  const { a, b } = pairsOf(rows, method, rival);
  return a.length === 0 ? null : mean(a) / mean(b);
}

/**
 * The method of TREES that is hardest for `all` on this set; null if none was run. On the same
 * splits that is the one of least mean test MSE.
 */
export function bestTrees(rows: readonly AccuracyRow[]): string | null {
  const known = TREES.flatMap((method) => {
    const ratio = ratioOf(rows, "all", method);
    return ratio === null ? [] : { method, ratio };
  });
  return known.sort((one, other) => other.ratio - one.ratio)[0]?.method ?? null;
}

/**
 * Both of our methods against every rival.
 *
 * @param rows - Of one set, one a split.
 * @param testShare - nTest / nTrain.
 */
export function compareMethods(
  rows: readonly AccuracyRow[],
  testShare: number,
): readonly Comparison[] {
  const methods = [...new Set(rows.flatMap(({ mse }) => Object.keys(mse)))];
  const trees = bestTrees(rows);
  return OURS.flatMap((ours) => {
    const compared = (rival: string, method: string): readonly Comparison[] => {
      const { a, b } = pairsOf(rows, ours, method);
      if (a.length === 0) return [];
      const ratio = mean(a) / mean(b);
      const { p } = correctedPairedTest(a, b, testShare);
      return [{ ours, rival, nSplits: a.length, ratio, reduction: 1 - ratio, p }];
    };
    return [
      ...rivalsAmong(methods, ours).flatMap((rival) => compared(rival, rival)),
      ...(trees === null ? [] : compared(BEST_TREES, trees)),
    ];
  });
}

function pairsOf(
  rows: readonly AccuracyRow[],
  one: string,
  other: string,
): { readonly a: readonly number[]; readonly b: readonly number[] } {
  const both = rows.filter(({ mse }) => Number.isFinite(mse[one]) && Number.isFinite(mse[other]));
  return { a: both.map(({ mse }) => mse[one]!), b: both.map(({ mse }) => mse[other]!) };
}
