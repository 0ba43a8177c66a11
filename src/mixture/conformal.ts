/**
 * Intervals that hold a wanted part of the truths, from errors on rows that a model had not seen.
 *
 * Split and cross-conformal prediction (Vovk, Gammerman & Shafer 2005; Barber, Candès, Ramdas &
 * Tibshirani 2021): the half width is a quantile of the absolute held-out errors. A regime with
 * rows enough has its own quantile (Mondrian); the others share the pooled one.
 */
import { BailiwickError } from "../shared/errors.ts";

export interface Calibration {
  /** Absolute held-out errors, ascending. */
  readonly pooled: Float64Array;
  /** The same by regime; null where the pooled ones serve. */
  readonly regimes: readonly (Float64Array | null)[];
}

/** A regime of fewer held-out rows has no quantile of its own. */
const MIN_ROWS = 100;

/**
 * @param errors - On rows that the model had not seen. At least one.
 * @param regimes - The regime of each of those rows, from 0.
 */
export function calibrate(
  errors: ArrayLike<number>,
  regimes: ArrayLike<number>,
  nRegimes: number,
): Calibration {
  if (errors.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "intervals need at least one held-out error, got 0");
  }
  const sizes = Float64Array.from(errors, Math.abs);
  const own = Array.from({ length: nRegimes }, (_, k) => {
    const of = sizes.filter((_size, i) => regimes[i] === k);
    return of.length < MIN_ROWS ? null : of.sort();
  });
  return { pooled: sizes.sort(), regimes: own };
}

/**
 * Half the width of an interval that holds `level` of a regime's truths.
 *
 * @param regime - null for the pooled interval.
 */
export function halfWidth(
  { pooled, regimes }: Calibration,
  regime: number | null,
  level: number,
): number {
  const errors = (regime === null ? null : regimes[regime]) ?? pooled;
  const rank = Math.ceil((errors.length + 1) * level);
  return errors[Math.min(errors.length, Math.max(1, rank)) - 1]!;
}
