/**
 * Sequential tests that may be looked at after every row, for ever.
 *
 * An e-process starts at 1 and, if nothing has changed, is in expectation at most 1 whenever one
 * stops to look: it exceeds 1/α at any time at all with probability at most α (Ville 1939). Money
 * is the picture: each value is bet against the claim that the mean is at most `bound`; no strategy
 * makes money while the claim holds.
 *
 * Two mixtures keep it quick. Over stakes, since the size of a change is not known (the hedged
 * capital of Waudby-Smith & Ramdas 2024); and over starts: a share w_t = 1/(t(t + 1)) of the money
 * is first bet at value t, as in the e-detectors of Shin, Ramdas & Rinaldo 2024 but with weights
 * that sum to 1, so that not only the mean time to a false alarm is bounded but its probability
 * over all time. A late change then costs 2 ln t more nats to find, not all that was lost before.
 */

/** What is known of a stream of values after some of them. Plain data, so that it can be kept. */
export interface MeanTest {
  /** The claim: the mean of a value in [0, 1], given those before, is at most this. In (0, 1). */
  readonly bound: number;
  /** Values seen. */
  readonly count: number;
  /** One a stake: ln of the money that is in play. −∞ before the first value. */
  readonly logCapital: readonly number[];
  /** One a stake: ln of the best gain over all starts, and the value it starts after. */
  readonly logBest: readonly number[];
  readonly bestStart: readonly number[];
}

/** Shares of the largest stake that cannot be lost more than. */
const STAKES = [0.05, 0.15, 0.4, 0.8];

export function startMeanTest(bound: number): MeanTest {
  const each = (value: number): readonly number[] => STAKES.map(() => value);
  return {
    bound,
    count: 0,
    logCapital: each(Number.NEGATIVE_INFINITY),
    logBest: each(0),
    bestStart: each(0),
  };
}

/** The test after more values, one after the other. @param values - In [0, 1]. */
export function observeValues(test: MeanTest, values: Float64Array): MeanTest {
  const { bound } = test;
  let { count } = test;
  const [logCapital, logBest] = [[...test.logCapital], [...test.logBest]];
  const bestStart = [...test.bestStart];
  for (const value of values) {
    const fresh = -Math.log((count + 1) * (count + 2));
    for (const [s, share] of STAKES.entries()) {
      const gain = Math.log1p((share / bound) * (value - bound));
      logCapital[s] = logAdd(logCapital[s]!, fresh) + gain;
      if (logBest[s]! <= 0) bestStart[s] = count;
      logBest[s] = Math.max(logBest[s]!, 0) + gain;
    }
    count += 1;
  }
  return { bound, count, logCapital, logBest, bestStart };
}

/** ln of the e-process. Never below the money that has not been bet yet. */
export function logEvidence({ count, logCapital }: MeanTest): number {
  const unspent = -Math.log(count + 1);
  return logAdd(logMean(logCapital), unspent);
}

/** The number of values before the change that the evidence speaks for most. */
export function changeStart({ logBest, bestStart }: MeanTest): number {
  const best = logBest.reduce((a, value, s) => (value > logBest[a]! ? s : a), 0);
  return bestStart[best]!;
}

export function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}

/** ln of the mean of e^values: a mixture of e-processes is one. At least one value. */
export function logMean(values: readonly number[]): number {
  return values.reduce(logAdd) - Math.log(values.length);
}
