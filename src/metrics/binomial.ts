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

/**
 * The probability of `count` successes or more among n tries.
 *
 * @param share - Probability of a success, strictly between 0 and 1.
 */
export function binomialTail(n: number, share: number, count: number): number {
  const odds = Math.log(share / (1 - share));
  let term = n * Math.log1p(-share);
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    if (k >= count) sum += Math.exp(term);
    term += odds + Math.log((n - k) / (k + 1));
  }
  return Math.min(1, sum);
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

/**
 * The same for rows that an interval holds whose width is a quantile of other rows' errors: the
 * share that it holds is itself of chance, and the count beta-binomial (Vovk 2012).
 *
 * @param level - What the interval should hold.
 * @param nErrors - How many errors the width was the ceil((nErrors + 1) level)-th smallest of.
 */
export function conformalInterval(
  n: number,
  { level, nErrors, confidence }: { level: number; nErrors: number; confidence: number },
): readonly [number, number] {
  checkInteger("n", n, 1);
  checkInteger("nErrors", nErrors, 1);
  const a = Math.min(nErrors, Math.ceil((nErrors + 1) * level));
  const b = nErrors + 1 - a;
  // Logarithms of probabilities, up to what they share.
  const terms = [0];
  for (let k = 0; k < n; k++) {
    const step = ((n - k) / (k + 1)) * ((a + k) / (b + n - k - 1));
    terms.push(terms[k]! + Math.log(step));
  }
  const most = terms.reduce((x, y) => Math.max(x, y));
  const weights = terms.map((term) => Math.exp(term - most));
  const total = weights.reduce((x, y) => x + y, 0);
  const reaches = (share: number): number => {
    let sum = 0;
    const count = weights.findIndex((weight) => {
      sum += weight;
      return sum >= share * total;
    });
    return count < 0 ? n : count;
  };
  return [reaches((1 - confidence) / 2), reaches((1 + confidence) / 2)];
}
