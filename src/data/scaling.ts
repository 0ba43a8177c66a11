/**
 * Mean and scale of numbers, learnt so that neither a few far values nor very large or very small
 * ones spoil them, and the standard value of one number.
 */
import { BailiwickError } from "../shared/errors.ts";
import { type Fences, findFences } from "./outliers.ts";
import { CLIP, type NumberFeature } from "./preprocessing.ts";
import { alongKnots, fromKnots } from "./ranks.ts";

/** Of numbers that are not whole, a deviation below this share of the mean is rounding. */
const CONSTANT_SHARE = 1e-14;
/** With a deviation below this share of the mean, the mean is taken from a value, not from 0. */
const FAR_FROM_ZERO = 1e-6;
/** Below this, doubles have fewer digits, and at last are 0. */
const LEAST_SCALE = 2 ** -1022;
/** Squares of numbers outside these sizes are not doubles any more. */
const [SMALLEST, LARGEST] = [1e-140, 1e140];

export interface Scale {
  readonly mean: number;
  /** Population deviation; 1 where there is none. */
  readonly scale: number;
  readonly isConstant: boolean;
}

/** @throws VALUE_NOT_FINITE if the values differ by more than a double can hold. */
export function meanAndScale(name: string, values: Float64Array): Scale {
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = size > 0 && (size < SMALLEST || size > LARGEST) ? size : 1;
  const scaled = unit === 1 ? values : values.map((value) => value / unit);
  const { mean, deviation } = moments(scaled);
  if (!Number.isFinite(deviation)) {
    const message = `column "${name}" must have a finite mean and deviation, found larger values`;
    throw new BailiwickError("VALUE_NOT_FINITE", message, { column: name });
  }
  const scale = deviation * unit;
  const rounding = values.every(Number.isSafeInteger) ? 0 : CONSTANT_SHARE * Math.abs(mean);
  const isConstant = !(deviation > rounding && scale >= LEAST_SCALE);
  return { mean: mean * unit, scale: isConstant ? 1 : scale, isConstant };
}

/**
 * The same of a column whose tails may be heavy: then only values within fences count.
 *
 * @param filled - A value for every row. @param sorted - The values that are present, ascending.
 */
export function robustScale(
  name: string,
  filled: Float64Array,
  sorted: Float64Array,
): Scale & { readonly hasHeavyTails: boolean } {
  const fences = findFences(sorted, moments(sorted).deviation);
  if (fences === null) return { ...meanAndScale(name, filled), hasHeavyTails: false };
  const bulk = filled.filter((value) => isWithin(fences, value));
  return { ...meanAndScale(name, bulk), hasHeavyTails: true };
}

function isWithin({ least, most }: Fences, value: number): boolean {
  return value >= least && value <= most;
}

function moments(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = meanOf(values, 0);
  const deviation = deviationOf(values, mean);
  if (!(deviation <= FAR_FROM_ZERO * Math.abs(mean))) return { mean, deviation };
  // A sum of large numbers is rounded by more than these differ.
  const near = meanOf(values, values[0]!);
  return { mean: near, deviation: deviationOf(values, near) };
}

function meanOf(values: Float64Array, from: number): number {
  return from + values.reduce((sum, value) => sum + (value - from), 0) / values.length;
}

function deviationOf(values: Float64Array, mean: number): number {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / values.length);
}

/** Whether a value is missing for a feature: absent, or one of its codes. */
export function isMissing({ codes }: NumberFeature, value: number): boolean {
  return Number.isNaN(value) || codes?.includes(value) === true;
}

/**
 * A value in standard units, within ±6; of a feature with heavy tails within ±12, where values
 * beyond ±6 keep their order: ±(12 − 36 / |z|), which goes on with slope 1. Of a feature with
 * knots, its place among them.
 */
export function standardise(feature: NumberFeature, value: number): number {
  const { mean, scale, tails, knots } = feature;
  if (knots !== undefined) return alongKnots(knots, feature, value);
  const standard = (value - mean) / scale;
  // Math.min and Math.max take twice as long: they tell −0 from 0.
  if (standard <= CLIP && standard >= -CLIP) return standard;
  const beyond = tails === "bounded" ? CLIP - (CLIP * CLIP) / Math.abs(standard) : 0;
  return standard > 0 ? CLIP + beyond : -CLIP - beyond;
}

/** The value that `standardise` brings to a place within ±6, up to rounding. */
export function unstandardise(feature: NumberFeature, standard: number): number {
  const { mean, scale, knots } = feature;
  return knots === undefined ? mean + scale * standard : fromKnots(knots, feature, standard);
}
