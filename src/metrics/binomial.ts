/** What chance does to a count: quantiles of the binomial distribution. */

/** Terms of less relative weight add nothing. */
const NEGLIGIBLE = 1e-18;

/**
 * The counts between which so much of chance lies: the smallest whose cumulative probability
 * reaches (1 − share) / 2, and (1 + share) / 2.
 *
 * Terms are computed relative to the likeliest, outwards, so that none underflows. Cost √n.
 *
 * @param share - Above 0 and below 1.
 */
export function binomialRange(
  n: number,
  probability: number,
  share: number,
): readonly [least: number, most: number] {
  const { first, weights } = binomialWeights(n, probability);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const quantile = (wanted: number): number => {
    let sum = 0;
    const place = weights.findIndex((weight) => {
      sum += weight;
      return sum >= wanted * total;
    });
    return first + (place < 0 ? weights.length - 1 : place);
  };
  return [quantile((1 - share) / 2), quantile((1 + share) / 2)];
}

/** Relative probabilities of first, first + 1, … successes. */
function binomialWeights(
  n: number,
  p: number,
): { readonly first: number; readonly weights: readonly number[] } {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  const below: number[] = [];
  for (let k = mode, weight = 1; k > 0; k--) {
    weight *= k / ((n - k + 1) * odds);
    if (weight < NEGLIGIBLE) break;
    below.push(weight);
  }
  const above: number[] = [];
  for (let k = mode, weight = 1; k < n; k++) {
    weight *= ((n - k) / (k + 1)) * odds;
    if (weight < NEGLIGIBLE) break;
    above.push(weight);
  }
  return { first: mode - below.length, weights: [...below.reverse(), 1, ...above] };
}
