/**
 * Holt–Winters as a careful person would set it: an additive or multiplicative season of a day or a
 * week, and both smoothing shares, whichever errs least one step ahead on the first values.
 *
 * Without a trend: demand does not grow without end. Source: Winters 1960; Hyndman &
 * Athanasopoulos, Forecasting, 8.3.
 */

export interface HoltWintersSettings {
  /** Values in a season. */
  readonly season: number;
  readonly isMultiplicative: boolean;
  /** How far a value moves the level, and its place in the season. */
  readonly level: number;
  readonly seasonal: number;
}

/** Tried first; then finer about the best. */
const SHARES = [0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9];
/** Seasonal factors below this are not divided by. */
const LEAST_FACTOR = 0.02;

/**
 * @param values - In equal intervals; NaN where missing.
 * @param seasons - Lengths to choose among.
 * @param n - Values to fit on, from the first.
 */
export function fitHoltWinters(
  values: Float64Array,
  seasons: readonly number[],
  n: number,
): HoltWintersSettings {
  const first = values.subarray(0, n);
  const skipped = Math.max(...seasons);
  const errorOf = (settings: HoltWintersSettings): number =>
    meanError(first, forecastHoltWinters(first, settings, 1), skipped);
  const best = (candidates: readonly HoltWintersSettings[]): HoltWintersSettings => {
    const errors = candidates.map(errorOf);
    return candidates[errors.indexOf(Math.min(...errors))]!;
  };
  const coarse = best(
    seasons.flatMap((season) =>
      [false, true].flatMap((isMultiplicative) =>
        grid(SHARES, SHARES).map((shares) => ({ season, isMultiplicative, ...shares })),
      ),
    ),
  );
  let found = coarse;
  for (const by of [0.08, 0.04, 0.02]) {
    const about = (share: number): readonly number[] =>
      [-by, 0, by].map((shift) => Math.min(1, Math.max(0.001, share + shift)));
    const shares = grid(about(found.level), about(found.seasonal));
    found = best(shares.map((tried) => ({ ...coarse, ...tried })));
  }
  return found;
}

type Shares = Pick<HoltWintersSettings, "level" | "seasonal">;

function grid(levels: readonly number[], seasonals: readonly number[]): readonly Shares[] {
  return levels.flatMap((level) => seasonals.map((seasonal) => ({ level, seasonal })));
}

/**
 * The forecast of each value, made `ahead` values before; NaN in the first season.
 *
 * @param ahead - At most a season.
 */
export function forecastHoltWinters(
  values: Float64Array,
  { season, isMultiplicative, level: alpha, seasonal: gamma }: HoltWintersSettings,
  ahead: number,
): Float64Array {
  const first = values.subarray(0, season).filter((value) => !Number.isNaN(value));
  let level = first.reduce((sum, value) => sum + value, 0) / first.length;
  const seasonOf = isMultiplicative
    ? (value: number) => value / Math.max(level, Number.MIN_VALUE)
    : (value: number) => value - level;
  const neutral = isMultiplicative ? 1 : 0;
  const pattern = Array.from(values.subarray(0, season), (value) =>
    Number.isNaN(value) ? neutral : seasonOf(value),
  );
  const forecasts = new Float64Array(values.length).fill(Number.NaN);
  for (let t = season; t < values.length; t++) {
    const target = t + ahead - 1;
    if (target < values.length) {
      const factor = pattern[target % season]!;
      forecasts[target] = Math.max(0, isMultiplicative ? level * factor : level + factor);
    }
    const value = values[t]!;
    if (Number.isNaN(value)) continue;
    const usual = pattern[t % season]!;
    const plain = isMultiplicative ? value / Math.max(usual, LEAST_FACTOR) : value - usual;
    const before = level;
    const ratio = isMultiplicative ? value / Math.max(before, Number.MIN_VALUE) : value - before;
    level += alpha * (plain - level);
    pattern[t % season] = usual + gamma * (ratio - usual);
  }
  return forecasts;
}

/** Mean absolute error where both are known, from a place on. */
export function meanError(values: Float64Array, forecasts: Float64Array, from: number): number {
  let [sum, n] = [0, 0];
  for (let t = from; t < values.length; t++) {
    const missed = Math.abs(values[t]! - forecasts[t]!);
    if (Number.isNaN(missed)) continue;
    sum += missed;
    n += 1;
  }
  return sum / n;
}
