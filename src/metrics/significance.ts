/** Is a difference over splits more than luck? */
import { createRequire } from "node:module";
import type distribution from "@stdlib/stats-base-dists-t-cdf";
import { checkNumber } from "../shared/errors.ts";
import { mean } from "./regression.ts";

export interface PairedTest {
  /** Mean of a − b over the splits. */
  readonly difference: number;
  readonly t: number;
  /** Two-sided; 1 where there are fewer than two splits or nothing differs. */
  readonly p: number;
  readonly splits: number;
}

/**
 * Corrected resampled t test on paired losses. Training sets of different splits overlap, so the
 * plain t test is far too sure; the correction inflates the variance by 1/J + nTest/nTrain.
 * Source: Nadeau & Bengio 2003, equation 9.
 *
 * @param a - Losses of one method, one a split.
 * @param b - Losses of the other on the same splits.
 * @param testShare - nTest / nTrain.
 */
export function correctedPairedTest(
  a: readonly number[],
  b: readonly number[],
  testShare: number,
): PairedTest {
  checkNumber("testShare", testShare, 0);
  const differences = a.map((loss, s) => loss - b[s]!);
  const splits = differences.length;
  const difference = mean(differences);
  const squares = differences.reduce((sum, d) => sum + (d - difference) ** 2, 0);
  if (splits < 2 || squares === 0) {
    const certain = splits >= 2 && difference !== 0;
    const t = certain ? Math.sign(difference) * Number.MAX_VALUE : 0;
    return { difference, t, p: certain ? 0 : 1, splits };
  }
  const variance = (squares / (splits - 1)) * (1 / splits + testShare);
  const t = difference / Math.sqrt(variance);
  return { difference, t, p: twoSided(t, splits - 1), splits };
}

/**
 * The same test where the losses of every held-out row are available: the variance of the mean
 * difference is estimated from rows instead of from a few splits' means, and rows of one cluster
 * count as one (Liang & Zeger 1986). Over J splits of equal size the correction makes the rows'
 * variance 1 + J · nTest/nTrain times as large.
 * Sources: Nadeau & Bengio 2003; that rows may be pooled over folds: Bayle et al. 2020, theorem 1.
 *
 * @param a - Losses of one method, one array a split, one entry a held-out row.
 * @param b - Losses of the other on the same rows.
 * @param clusters - The cluster of each row, in the same shape; null if each row is one.
 */
export function correctedRowTest(
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  { testShare, clusters }: RowTestGrounds,
): PairedTest {
  checkNumber("testShare", testShare, 0);
  const splits = a.length;
  const differences = a.flatMap((losses, s) => Array.from(losses, (loss, i) => loss - b[s]![i]!));
  if (differences.length < 2) return { difference: 0, t: 0, p: 1, splits };
  const difference = mean(differences);
  const sums = sumByCluster(
    differences.map((d) => d - difference),
    clusters?.flat() ?? null,
  );
  const squares = sums.reduce((sum, d) => sum + d ** 2, 0);
  if (squares === 0 || sums.length < 2) {
    const certain = sums.length >= 2 && difference !== 0;
    const t = certain ? Math.sign(difference) * Number.MAX_VALUE : 0;
    return { difference, t, p: certain ? 0 : 1, splits };
  }
  const small = sums.length / (sums.length - 1);
  const variance = (small * squares * (1 + splits * testShare)) / differences.length ** 2;
  const t = difference / Math.sqrt(variance);
  return { difference, t, p: twoSided(t, sums.length - 1), splits };
}

export interface RowTestGrounds {
  /** nTest / nTrain of a split. */
  readonly testShare: number;
  readonly clusters: readonly (readonly string[])[] | null;
}

function sumByCluster(
  values: readonly number[],
  clusters: readonly string[] | null,
): readonly number[] {
  if (clusters === null) return values;
  const sums = new Map<string, number>();
  values.forEach((value, i) => {
    sums.set(clusters[i]!, (sums.get(clusters[i]!) ?? 0) + value);
  });
  return [...sums.values()];
}

/**
 * Two-sided p of a mean difference over rows, from its standard error; 1 where nothing differs.
 *
 * @param n - Rows, at least two.
 */
export function meanTest(difference: number, error: number, n: number): number {
  if (error === 0) return difference === 0 ? 1 : 0;
  return twoSided(difference / error, n - 1);
}

/** p values adjusted for testing them all (Holm 1979), in the order given. */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}

const require = createRequire(import.meta.url);

/** p of Student's t. The package of 100 files is loaded by the first test that asks for it. */
function twoSided(t: number, degreesOfFreedom: number): number {
  const tCdf: typeof distribution = require("@stdlib/stats-base-dists-t-cdf");
  return 2 * tCdf(-Math.abs(t), degreesOfFreedom);
}
