/**
 * Intervals that hold a wanted part of the truths, from errors on rows that a model had not seen.
 *
 * Split and cross-conformal prediction (Vovk, Gammerman & Shafer 2005; Barber, Candès, Ramdas &
 * Tibshirani 2021): of n errors, the half width at level L is the ceil((n + 1) L)-th smallest. A
 * regime with rows enough has its own errors (Mondrian); the others share the pooled ones. What is
 * kept of many errors is a part of them, evenly spaced, and a quantile is then the next one kept:
 * never less than that of all. Knows neither experts nor gates.
 */
import { BailiwickError } from "../../shared/errors.ts";

/** Sizes of errors, as far as quantiles need them. */
export interface ErrorQuantiles {
  /** How many errors there were. */
  readonly nErrors: number;
  /** The ceil(j nErrors / m)-th smallest size for j = 1, …, m = min(nErrors, MAX_QUANTILES). */
  readonly sizes: Float64Array;
}

export interface Calibration {
  /** The member whose routing tells the regimes. */
  readonly member: number;
  readonly pooled: ErrorQuantiles;
  /** One a regime, that is an expert of the member; null where the pooled ones serve. */
  readonly regimes: readonly (ErrorQuantiles | null)[];
}

/** Of more errors, so many sizes are kept. */
export const MAX_QUANTILES = 2000;
/** A regime of fewer held-out rows has no quantile of its own. */
const MIN_ROWS = 30;
/** Levels are decimal and doubles are not: .9 of ten is nine. */
const ROUNDING = 1e-12;

/**
 * @param errors - On rows that the model had not seen, one a row. At least one.
 * @param regimes - The regime of each of those rows, from 0.
 * @param member - Whose routing tells the regimes.
 */
export function calibrate(
  errors: ArrayLike<number>,
  regimes: ArrayLike<number>,
  nRegimes: number,
  member = 0,
): Calibration {
  if (errors.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "intervals need at least one held-out error, got 0");
  }
  const all = Float64Array.from(errors);
  const own = Array.from({ length: nRegimes }, (_, k) =>
    regimeQuantiles(all.filter((_error, i) => regimes[i] === k)),
  );
  return { member, pooled: quantilesOf(all), regimes: own };
}

/** The quantiles of one regime's errors; null if there are too few for quantiles of its own. */
export function regimeQuantiles(errors: Float64Array): ErrorQuantiles | null {
  return errors.length < MIN_ROWS ? null : quantilesOf(errors);
}

function quantilesOf(errors: Float64Array): ErrorQuantiles {
  const sorted = errors.map(Math.abs).sort();
  const nErrors = sorted.length;
  const nKept = Math.min(nErrors, MAX_QUANTILES);
  const rankOf = (j: number): number => Math.ceil((j * nErrors) / nKept);
  const sizes = Float64Array.from({ length: nKept }, (_, j) => sorted[rankOf(j + 1) - 1]!);
  return { nErrors, sizes };
}

/** How many held-out errors a finite interval of this level needs. @throws INVALID_OPTION */
export function errorsNeeded(level: number): number {
  if (!(level > 0 && level < 1)) {
    const message = `an interval's level must be above 0 and below 1, got ${level}`;
    throw new BailiwickError("INVALID_OPTION", message, { level });
  }
  const rounded = level * (1 - ROUNDING);
  return Math.ceil(rounded / (1 - rounded));
}

/** The highest level at which this many held-out errors give a finite interval. */
export function highestLevel({ pooled: { nErrors } }: Calibration): number {
  return nErrors / (nErrors + 1);
}

/**
 * Half the width of an interval that holds `level` of a regime's truths. A higher level is never
 * narrower: where a regime's own errors are too few for it, the pooled quantile serves, or the
 * regime's largest error if that is more.
 *
 * @param regime - null for the pooled interval.
 * @throws INVALID_OPTION for a level outside of (0, 1), or one that needs more errors than there
 *   are.
 */
export function halfWidth(
  { pooled, regimes }: Calibration,
  regime: number | null,
  level: number,
): number {
  const needed = errorsNeeded(level);
  const own = regime === null ? null : regimes[regime];
  if (own && own.nErrors >= needed) return quantile(own, level);
  if (pooled.nErrors < needed) {
    const message =
      `an interval of level ${level} needs at least ${needed} held-out errors ` +
      `(level / (1 - level)), the model has ${pooled.nErrors}`;
    throw new BailiwickError("INVALID_OPTION", message, { level, needed, found: pooled.nErrors });
  }
  return Math.max(quantile(pooled, level), own?.sizes.at(-1) ?? 0);
}

/** The least size kept that is not below the one wanted. */
function quantile({ nErrors, sizes }: ErrorQuantiles, level: number): number {
  const rank = Math.max(1, Math.ceil((nErrors + 1) * level * (1 - ROUNDING)));
  const place = Math.floor(((Math.min(rank, nErrors) - 1) * sizes.length) / nErrors);
  return sizes[place]!;
}
