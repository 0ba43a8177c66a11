/**
 * How far apart rows of a stream must be to count as independent, measured from the stream itself.
 *
 * Half the mean squared difference of values k rows apart (the variogram γ) is s²(1 − ρ(k)):
 * the variance s² less the autocovariance. A change of level hardly moves it, since it touches
 * only the pairs on both sides of the change; the autocorrelation of the values would take the
 * change for dependence. s² is the variance of errors on held-out rows or, where the stream varies
 * less, its own γ where that is largest. Differences are clipped, so that wild values count little.
 */
import { LAGS } from "./e-process.ts";

/** Differences over these numbers of rows are measured. */
export const MEASURED = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256] as const;
const MOST = 256;
/** Values count as independent where their autocorrelation is no more than this … */
const CORRELATED = 0.1;
/** … and this many standard errors of it. */
const STANDARD_ERRORS = 0.5;
/** A stream may vary less than the reference, down to this share; below, it is dependent. */
const LEAST_SHARE = 0.25;
/** Of fewer pairs nothing is said. */
const MIN_PAIRS = 4;

/** The next of LAGS is taken from this share of the needed lag on. */
const ROUNDING = 0.6;

/** What a stream's differences have been. Plain data of constant size. */
export interface Dependence {
  /** Half of a squared difference counts at most this. */
  readonly clip: number;
  /** The last values, oldest first. At most MOST. */
  readonly latest: readonly number[];
  /** Pairs of values, and half their squared differences. Shapes (MEASURED.length,). */
  readonly pairs: readonly number[];
  readonly sums: readonly number[];
}

/** @param clip - In squares of the values' unit. */
export function startDependence(clip: number): Dependence {
  return { clip, latest: [], pairs: MEASURED.map(() => 0), sums: MEASURED.map(() => 0) };
}

/** The measure after more values, one after the other. */
export function observeDependence(
  { clip, latest, pairs: pairsBefore, sums: sumsBefore }: Dependence,
  values: Float64Array,
): Dependence {
  const all = new Float64Array(latest.length + values.length);
  all.set(latest);
  all.set(values, latest.length);
  const [pairs, sums] = [[...pairsBefore], [...sumsBefore]];
  for (let i = latest.length; i < all.length; i++) {
    for (let m = 0; m < MEASURED.length && MEASURED[m]! <= i; m++) {
      pairs[m]! += 1;
      sums[m]! += Math.min(clip, (all[i]! - all[i - MEASURED[m]!]!) ** 2 / 2);
    }
  }
  return { clip, latest: Array.from(all.slice(-MOST)), pairs, sums };
}

/**
 * The place in LAGS of the least lag at which rows are independent; the last one if they are at no
 * lag that could be measured.
 *
 * @param variance - Of the values where nothing has changed; Infinity if it is not known.
 */
export function independentLag({ pairs, sums }: Dependence, variance: number): number {
  const measured = MEASURED.flatMap((lag, m) => {
    return pairs[m]! < MIN_PAIRS ? [] : [{ lag, n: pairs[m]!, gamma: sums[m]! / pairs[m]! }];
  });
  const sill = sillOf(measured, variance);
  if (!(sill > 0)) return 0;
  let needed = 1;
  for (const { lag, n, gamma } of measured) {
    const correlation = 1 - gamma / sill;
    if (correlation <= CORRELATED + STANDARD_ERRORS / Math.sqrt(n)) break;
    // As if it fell geometrically from here on.
    needed = (lag * Math.log(CORRELATED)) / Math.log(Math.min(0.999, correlation));
  }
  const place = LAGS.findIndex((lag) => lag >= ROUNDING * needed);
  return place < 0 ? LAGS.length - 1 : place;
}

interface Measured {
  readonly lag: number;
  /** Pairs, and their γ. */
  readonly n: number;
  readonly gamma: number;
}

/** The variance that γ reaches where rows are independent. */
function sillOf(measured: readonly Measured[], variance: number): number {
  if (Number.isFinite(variance)) {
    const most = Math.max(0, ...measured.map(({ gamma }) => gamma));
    return Math.min(variance, Math.max(most, LEAST_SHARE * variance));
  }
  const longer = measured.slice(measured.length >> 1);
  const nPairs = longer.reduce((sum, { n }) => sum + n, 0);
  return longer.reduce((sum, { n, gamma }) => sum + (n / nPairs) * gamma, 0);
}

/**
 * The place in LAGS from which squares are independent, where values are from `place` on: their
 * autocorrelation is the square of the values', and falls as far over half as many rows.
 */
export function lagOfSquares(place: number): number {
  return LAGS.findIndex((lag) => lag >= LAGS[place]! / 2);
}
