/**
 * Forecasts of recorded demand: the placer's against Holt–Winters with fitted settings.
 *
 * Settings are fitted on the first half; errors are measured on the second. The placer's forecaster
 * sees every value once, in order, as it does when it serves.
 */
import { createForecaster, createHoltWinters, type Method } from "../../cluster/forecast/index.ts";
import type { Demand } from "../../cluster/simulation/index.ts";
import { createRng } from "../../shared/rng.ts";
import {
  fitHoltWinters,
  forecastHoltWinters,
  type HoltWintersSettings,
  meanError,
} from "./rival-holt-winters.ts";

/** Steps ahead: one, as the placer asks, and several. */
export const AHEAD = [1, 4] as const;

export interface ForecastRow {
  readonly series: string;
  readonly intervalHours: number;
  readonly nValues: number;
  readonly settings: HoltWintersSettings;
  readonly errors: readonly ForecastErrors[];
}

/** Mean absolute errors ÷ the mean, on the second half. */
export interface ForecastErrors {
  readonly ahead: number;
  readonly placer: number;
  readonly holtWinters: number;
  /** The placer's own smoothing, which it uses where the regression errs more. */
  readonly plain: number;
  readonly lastValue: number;
}

const DAY_HOURS = 24;

/** @param values - In equal intervals; NaN where missing. Cost: seconds. */
export function runForecasts(
  series: string,
  values: Float64Array,
  intervalHours: number,
): ForecastRow {
  const half = values.length >> 1;
  const perDay = Math.round(DAY_HOURS / intervalHours);
  const settings = fitHoltWinters(values, [perDay, 7 * perDay], half);
  const placer = followed(createForecaster(1), values, intervalHours);
  const plain = followed(createHoltWinters(1), values, intervalHours);
  const mean = meanError(values, new Float64Array(values.length), half);
  const errors = AHEAD.map((ahead, a) => {
    const share = (forecasts: Float64Array): number => meanError(values, forecasts, half) / mean;
    return {
      ahead,
      placer: share(placer[a]!),
      holtWinters: share(forecastHoltWinters(values, settings, ahead)),
      plain: share(plain[a]!),
      lastValue: share(lastValues(values, ahead)),
    };
  });
  return { series, intervalHours, nValues: values.length, settings, errors };
}

/** Forecasts of each value, one array for each of AHEAD, as a method made them. */
function followed(
  method: Method,
  values: Float64Array,
  intervalHours: number,
): readonly Float64Array[] {
  const forecasts = AHEAD.map(() => new Float64Array(values.length).fill(Number.NaN));
  values.forEach((value, t) => {
    if (Number.isNaN(value)) return;
    method.observe(t * intervalHours, Float64Array.of(value));
    AHEAD.forEach((ahead, a) => {
      // After a gap it is further to the next value, and the latest forecast of it counts.
      for (let at = t + ahead; at < values.length; at++) {
        forecasts[a]![at] = method.expect(at * intervalHours)[0]!;
        if (!Number.isNaN(values[at - ahead + 1] ?? 0)) break;
      }
    });
  });
  return forecasts;
}

function lastValues(values: Float64Array, ahead: number): Float64Array {
  let last = Number.NaN;
  const known = values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
  return values.map((_, t) => known[t - ahead] ?? Number.NaN);
}

/** What a record of one model holds; NaN in its gaps. */
export function seriesOf({ requests, bridged }: Demand): Float64Array {
  return requests.map((value, at) => (bridged[at] === 1 ? Number.NaN : value));
}

const NOISE_HOURS = 24 * 365;
const NOISE_SPREAD = 0.3;

/** A year of hours without a pattern: logarithms are normal. */
export function drawNoise(seed: number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from(
    { length: NOISE_HOURS },
    () => 100 * Math.exp(NOISE_SPREAD * rng.normal()),
  );
}
