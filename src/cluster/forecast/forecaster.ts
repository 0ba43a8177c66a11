/**
 * A forecast of traffic: for each series, of exponential smoothing and a ridge regression on lags
 * the one that erred less of late.
 */
import { createHoltWinters } from "./holt-winters.ts";
import { createLagRidge } from "./lag-ridge.ts";
import type { Method } from "./method.ts";

export interface Forecaster extends Method {
  /** The traffic to expect at a later hour; 0 before any was seen. Shape (n,). */
  expect(hour: number): Float64Array;
  /** Mean absolute error of recent forecasts ÷ the mean; null before any could be checked. */
  error(): number | null;
}

/** How far one value moves the error, and what the second method gains on the first. */
const ERROR_SHARE = 0.05;
const GAIN_SHARE = 0.02;
/** A method must have been compared this many times before it replaces the first. */
const LEAST_COMPARED = 12;

/**
 * @param n - Series.
 * @param usual - Used until `other` errs less; has an answer from the first value on.
 */
export function createForecaster(
  n: number,
  usual: Method = createHoltWinters(n),
  other: Method = createLagRidge(n),
): Forecaster {
  /** Error of `usual` less that of `other`, a mean that forgets; and how often both answered. */
  const gained = new Float64Array(n);
  const nCompared = new Uint32Array(n);
  let [nSeen, error] = [0, Number.NaN];

  const isOther = (i: number): boolean => nCompared[i]! >= LEAST_COMPARED && gained[i]! > 0;
  const choose = (first: Float64Array, second: Float64Array): Float64Array =>
    first.map((value, i) => (isOther(i) && !Number.isNaN(second[i]!) ? second[i]! : value));
  const check = (hour: number, traffic: Float64Array): void => {
    const [first, second] = [usual.expect(hour), other.expect(hour)];
    const chosen = choose(first, second);
    const missed = sumOf(traffic.map((value, i) => Math.abs(value - chosen[i]!)));
    const latest = missed / Math.max(sumOf(traffic), Number.MIN_VALUE);
    error = Number.isNaN(error) ? latest : error + ERROR_SHARE * (latest - error);
    for (const [i, value] of traffic.entries()) {
      if (Number.isNaN(second[i]!)) continue;
      nCompared[i]! += 1;
      const gain = Math.abs(value - first[i]!) - Math.abs(value - second[i]!);
      gained[i]! += Math.max(GAIN_SHARE, 1 / nCompared[i]!) * (gain - gained[i]!);
    }
  };
  return {
    observe(hour, traffic) {
      if (nSeen > 0) check(hour, traffic);
      usual.observe(hour, traffic);
      other.observe(hour, traffic);
      nSeen += 1;
    },
    expect: (hour) => choose(usual.expect(hour), other.expect(hour)),
    error: () => (Number.isNaN(error) ? null : error),
  };
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
