/**
 * The target as models learn it, in standard units, and answers in the user's unit.
 *
 * A target is standardised as it is, or its natural logarithm is: then answers are positive, and
 * errors are compared by their ratio. The exponential of a mean is less than the mean, so answers
 * are multiplied by a factor, the ratio of the sums of held-out targets and answers.
 *
 * Source of the factor: Snowdon 1991, A ratio estimator for bias correction in logarithmic
 * regressions.
 */
import { BailiwickError } from "../shared/errors.ts";
import { exp } from "../shared/exp.ts";
import { log } from "../shared/log.ts";
import type { TargetScale } from "./preprocessing.ts";
import { meanAndScale } from "./scaling.ts";

/** How a target is learnt, where it is not learnt as it is. */
export type TargetTransform = NonNullable<TargetScale["transform"]>;

/** Predictions may leave the training targets' range by this share of it. */
const RANGE_MARGIN = 0.1;
/** A factor from few rows may be far off; where it is, the fit is bad and not its factor. */
const [LEAST_FACTOR, MOST_FACTOR] = [0.1, 10];

/**
 * @param y - Targets of training rows. @param transform - Needs positive targets.
 * @throws INVALID_OPTION for a logarithm of other targets; VALUE_NOT_FINITE if they differ by more
 *   than a double can hold.
 */
export function fitTarget(name: string, y: Float64Array, transform?: TargetTransform): TargetScale {
  if (transform === undefined) {
    const { mean, scale } = meanAndScale(name, y);
    const { lowest, highest } = rangeOf(y);
    const margin = RANGE_MARGIN * (highest - lowest);
    return { name, mean, scale, least: lowest - margin, most: highest + margin };
  }
  const refused = y.find((value) => !(value > 0));
  if (refused !== undefined) {
    const message = `target "${name}" must be positive to have a logarithm, found ${refused}`;
    throw new BailiwickError("INVALID_OPTION", message, { target: name });
  }
  const logs = y.map(log);
  const { mean, scale } = meanAndScale(name, logs);
  const { lowest, highest } = rangeOf(logs);
  const margin = RANGE_MARGIN * (highest - lowest);
  const [least, most] = [exp(lowest - margin), exp(highest + margin)];
  return { name, mean, scale, least, most, transform };
}

function rangeOf(values: Float64Array): { readonly lowest: number; readonly highest: number } {
  return {
    lowest: values.reduce((a, b) => Math.min(a, b)),
    highest: values.reduce((a, b) => Math.max(a, b)),
  };
}

/** Targets in standardised units. Shape as given. A logarithm is of the least double at least. */
export function scaleTarget(
  y: Float64Array,
  { mean, scale, transform }: TargetScale,
): Float32Array {
  if (transform === undefined) return Float32Array.from(y, (value) => (value - mean) / scale);
  return Float32Array.from(y, (v) => (log(Math.max(v, Number.MIN_VALUE)) - mean) / scale);
}

/** Targets back in their units. Shape as given. */
export function unscaleTarget(values: ArrayLike<number>, target: TargetScale): Float64Array {
  return Float64Array.from(values, (value) => targetAt(target, value));
}

function targetAt({ mean, scale, transform }: TargetScale, value: number): number {
  return transform === undefined ? mean + scale * value : exp(mean + scale * value);
}

/** An answer in the target's units. */
export function answerInUnits(target: TargetScale, value: number): number {
  const { mean, scale, transform, factor = 1 } = target;
  return transform === undefined ? mean + scale * value : factor * exp(mean + scale * value);
}

/** The standardised answer of an answer in the target's units. */
export function standardAnswer(target: TargetScale, answer: number): number {
  const { mean, scale, transform, factor = 1 } = target;
  return ((transform === undefined ? answer : log(answer / factor)) - mean) / scale;
}

/** Answers in the target's units. Shape as given. */
export function answersInUnits(values: ArrayLike<number>, target: TargetScale): Float64Array {
  return Float64Array.from(values, (value) => answerInUnits(target, value));
}

/**
 * An answer that is off by an error in standardised units: the end of an interval.
 *
 * @param answer - In the target's units.
 */
export function shiftAnswer(target: TargetScale, answer: number, error: number): number {
  const { scale, transform, factor = 1 } = target;
  if (transform === undefined) return answer + scale * error;
  return (answer / factor) * exp(scale * error);
}

/**
 * Answers less targets, in the target's units. Shape as given.
 *
 * @param answers - Standardised. @param truths - Standardised. Same length.
 */
export function errorsInUnits(
  answers: ArrayLike<number>,
  truths: ArrayLike<number>,
  target: TargetScale,
): Float64Array {
  return Float64Array.from(answers, (answer, i) =>
    target.transform === undefined
      ? target.scale * (answer - truths[i]!)
      : answerInUnits(target, answer) - targetAt(target, truths[i]!),
  );
}

/** What a small standard error is in the target's units: of a logarithm, at its mean. */
export function unitOf({ mean, scale, transform }: TargetScale): number {
  return transform === undefined ? scale : scale * exp(mean);
}

/**
 * The target with the factor that makes the sum of answers that of the truths.
 *
 * @param answers - Of models that had not seen the rows. @param truths - Both standardised.
 */
export function withFactor(
  target: TargetScale,
  answers: ArrayLike<number>,
  truths: ArrayLike<number>,
): TargetScale {
  if (target.transform === undefined) return target;
  const sum = (values: ArrayLike<number>): number =>
    unscaleTarget(values, target).reduce((total, value) => total + value, 0);
  const ratio = sum(truths) / sum(answers);
  if (!(ratio > 0)) return target;
  return { ...target, factor: Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, ratio)) };
}
