/**
 * Intervals that contain a wanted share of the targets, from held-out errors.
 *
 * Split and cross-conformal prediction (Vovk, Gammerman & Shafer 2005; Barber, Candès, Ramdas &
 * Tibshirani 2021): of n errors, the half width at level L is the ceil((n + 1) L)-th smallest. A
 * regime with enough rows has separate errors (Mondrian); the others share the pooled ones. Of many
 * errors, an evenly spaced part is kept, and a quantile is the next kept one: never less than with
 * all errors. Knows neither experts nor gates.
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
  /** The member whose routing defines the regimes. */
  readonly member: number;
  readonly pooled: ErrorQuantiles;
  /** One entry per regime, that is per expert of the member; null if the pooled errors are used. */
  readonly regimes: readonly (ErrorQuantiles | null)[];
}

/** Most sizes that are kept. */
export const MAX_QUANTILES = 2000;
/** A regime with fewer held-out rows has no separate quantile. */
const MIN_ROWS = 30;
/** Levels are decimal and doubles are not: .9 of ten is nine. */
const ROUNDING = 1e-12;

/**
 * @param errors - Held-out errors, one per row. At least one.
 * @param regimes - The regime of each of those rows, from 0.
 * @param member - The member whose routing defines the regimes.
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
  const perRegime = Array.from({ length: nRegimes }, (_, k) =>
    regimeQuantiles(all.filter((_error, i) => regimes[i] === k)),
  );
  return { member, pooled: quantilesOf(all), regimes: perRegime };
}

/** The quantiles of one regime's errors; null if there are too few for separate quantiles. */
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

/**
 * The number of held-out errors that a finite interval of this level needs.
 *
 * @throws INVALID_OPTION
 */
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
 * Half the width of an interval that contains `level` of a regime's targets. A higher level is
 * never narrower: if a regime has too few errors for it, this is the pooled quantile or the
 * regime's largest error, whichever is larger.
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
  const ofRegime = regime === null ? null : regimes[regime];
  if (ofRegime && ofRegime.nErrors >= needed) return quantile(ofRegime, level);
  if (pooled.nErrors < needed) {
    const message =
      `an interval of level ${level} needs at least ${needed} held-out errors ` +
      `(level / (1 - level)), the model has ${pooled.nErrors}`;
    throw new BailiwickError("INVALID_OPTION", message, { level, needed, found: pooled.nErrors });
  }
  return Math.max(quantile(pooled, level), ofRegime?.sizes.at(-1) ?? 0);
}

/** The least size kept that is not below the one wanted. */
function quantile({ nErrors, sizes }: ErrorQuantiles, level: number): number {
  const rank = Math.max(1, Math.ceil((nErrors + 1) * level * (1 - ROUNDING)));
  const place = Math.floor(((Math.min(rank, nErrors) - 1) * sizes.length) / nErrors);
  return sizes[place]!;
}
