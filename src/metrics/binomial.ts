/** How many of n rows are expected to be covered, luck allowed for? */
import { checkInteger } from "../shared/errors.ts";

/**
 * The least and the most successes among n tries that are not surprising: each tail beyond them
 * has a probability of at most (1 − confidence) / 2.
 *
 * @param n - Tries, at least 1.
 * @param share - Probability of a success, strictly between 0 and 1.
 * @param confidence - For example .99.
 */
export function binomialInterval(
  n: number,
  share: number,
  confidence: number,
): readonly [number, number] {
  checkInteger("n", n, 1);
  const tail = (1 - confidence) / 2;
  return [quantile(n, share, tail), n - quantile(n, 1 - share, tail)];
}

/** The least count whose cumulative probability is at least `level`. */
function quantile(n: number, share: number, level: number): number {
  const odds = Math.log(share / (1 - share));
  // In logarithms: (1 − share)ⁿ underflows for large n.
  let term = n * Math.log1p(-share);
  let sum = Math.exp(term);
  let count = 0;
  while (sum < level && count < n) {
    term += odds + Math.log((n - count) / (count + 1));
    sum += Math.exp(term);
    count++;
  }
  return count;
}
