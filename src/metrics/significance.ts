/** Is a difference over splits more than luck? */
import tCdf from "@stdlib/stats-base-dists-t-cdf";
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
  return { difference, t, p: 2 * tCdf(-Math.abs(t), splits - 1), splits };
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
