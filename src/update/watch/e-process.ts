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
 *
 * Dependent rows: the claim above is about a value given those before it. Where only values `lag`
 * rows apart are independent, the rows of one remainder by `lag` are a stream of their own in which
 * the claim holds. The geometric mean of these streams' money, gain^(1/lag) a row, is at most their
 * arithmetic mean, which is an e-process. A test keeps this money for each of LAGS, with starts
 * weighed by blocks of `lag` rows; dependence.ts says which lag counts (ours).
 */

/** Rows between two that count as independent. */
export const LAGS = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256] as const;

/** A test after some values. Plain data, so that it can be kept. */
export interface MeanTest {
  /** The claim: the mean of a value in [0, 1], given those before, is at most this. In (0, 1). */
  readonly bound: number;
  /** Values seen. */
  readonly count: number;
  /** ln of the money in play; −∞ before the first value. Shape (LAGS.length, STAKES.length). */
  readonly logCapital: readonly number[];
  /** One a stake: ln of the best gain over all starts, and the value it starts after. */
  readonly logBest: readonly number[];
  readonly bestStart: readonly number[];
}

/** Shares of the largest stake that cannot be lost more than. */
const STAKES = [0.05, 0.15, 0.4, 0.8];

/** A value multiplies a stake's money at least by this. */
const LEAST_GAIN = 1 - Math.max(...STAKES);
/** The place in LAGS of half of each lag; −1 where it is none of them. */
const HALVES = LAGS.map((lag) => LAGS.findIndex((other) => 2 * other === lag));
/** Products of gains stay within e^±SAFE_NATS, which a double holds. */
const SAFE_NATS = 600;

/** Entries of `logCapital`. */
export const N_CAPITALS: number = LAGS.length * STAKES.length;

export function startMeanTest(bound: number): MeanTest {
  return {
    bound,
    count: 0,
    logCapital: LAGS.flatMap(() => STAKES.map(() => Number.NEGATIVE_INFINITY)),
    logBest: STAKES.map(() => 0),
    bestStart: STAKES.map(() => 0),
  };
}

/** The test after more values, one after the other. @param values - In [0, 1]. */
export function observeValues(test: MeanTest, values: Float64Array): MeanTest {
  const { bound, count } = test;
  const atOnce = Math.max(1, Math.floor(SAFE_NATS / Math.log(Math.max(1 / LEAST_GAIN, 1 / bound))));
  let { logCapital } = test;
  for (let from = 0; from < values.length; from += atOnce) {
    const bets = { bound, count: count + from, values: values.subarray(from, from + atOnce) };
    logCapital = betValues(logCapital, bets);
  }
  return { bound, count: count + values.length, logCapital, ...bestStarts(test, values) };
}

/** Where the best gain of each stake started. */
function bestStarts(test: MeanTest, values: Float64Array): Pick<MeanTest, "logBest" | "bestStart"> {
  const [logBest, bestStart] = [[...test.logBest], [...test.bestStart]];
  for (let i = 0; i < values.length; i++) {
    for (let s = 0; s < STAKES.length; s++) {
      const gain = Math.log1p((STAKES[s]! / test.bound) * (values[i]! - test.bound));
      if (logBest[s]! <= 0) bestStart[s] = test.count + i;
      logBest[s] = Math.max(logBest[s]!, 0) + gain;
    }
  }
  return { logBest, bestStart };
}

/**
 * ln of the money after values that are so few that no product of their gains overflows. Money is
 * counted in units of the money before, where that is above 1, and the gain over a block of rows
 * by square roots: no logarithm or exponential a value and lag.
 */
function betValues(
  logCapital: readonly number[],
  { bound, count, values }: Pick<MeanTest, "bound" | "count"> & { readonly values: Float64Array },
): readonly number[] {
  const nStakes = STAKES.length;
  const capital = logCapital.map((log) => (log > 0 ? 1 : Math.exp(log)));
  const perUnit = logCapital.map((log) => (log > 0 ? Math.exp(-log) : 1));
  // Of each lag and stake; set before they are read.
  const roots = perUnit.slice();
  for (let i = 0; i < values.length; i++) {
    for (let l = 0; l < LAGS.length; l++) {
      const lag = LAGS[l]!;
      const half = HALVES[l]!;
      const fresh = startMoney(count + i, lag);
      for (let s = 0; s < nStakes; s++) {
        const at = l * nStakes + s;
        roots[at] =
          half < 0
            ? (1 + (STAKES[s]! / bound) * (values[i]! - bound)) ** (1 / lag)
            : Math.sqrt(roots[half * nStakes + s]!);
        capital[at] = (capital[at]! + fresh * perUnit[at]!) * roots[at]!;
      }
    }
  }
  return logCapital.map((log, at) => Math.max(0, log) + Math.log(capital[at]!));
}

/** The money that is first bet after `count` values: that of a block, shared by its rows. */
function startMoney(count: number, lag: number): number {
  const block = Math.floor(count / lag) + 1;
  return 1 / (lag * block * (block + 1));
}

/** ln of the money that has not been bet after `count` values. */
function logUnspent(count: number, lag: number): number {
  const block = Math.floor(count / lag) + 1;
  return Math.log(1 / block - (count % lag) / (lag * block * (block + 1)));
}

/**
 * ln of the e-process. Never below the money that has not been bet yet.
 *
 * @param place - Place in LAGS of the lag at which rows are independent. The evidence is never
 *   above that for independent rows: if they are, a lag that was measured too long does no harm.
 */
export function logEvidence({ count, logCapital }: MeanTest, place = 0): number {
  const evidenceAt = (l: number): number => {
    const capital = logCapital.slice(l * STAKES.length, (l + 1) * STAKES.length);
    return logAdd(logMean(capital), logUnspent(count, LAGS[l]!));
  };
  return place === 0 ? evidenceAt(0) : Math.min(evidenceAt(0), evidenceAt(place));
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
