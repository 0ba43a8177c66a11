/**
 * The cost of giving a sample to an expert: the expert's error, and the change of the gate that
 * routing the sample there needs.
 *
 * With errors alone, luck wins rows and no gate can learn the winners; the second term keeps
 * the regimes learnable from x. cost_ik = min(e²_ik / 2σ², 30) − λ log g_k(x_i), which for λ = 1
 * is the negative log of the mixture's joint likelihood (Jacobs et al. 1991) with a cap on
 * outliers.
 */
import { checkLength, checkNumber } from "../shared/errors.ts";

/** The largest cost of one outlier, in units of half the noise variance. */
const MAX_ERROR_COST = 30;
/** Keeps the log finite if a score is 0 or 1. */
const SCORE_FLOOR = 1e-4;
/** The noise variance cannot fall below this, in units of the target's variance. */
const NOISE_FLOOR = 1e-4;

/**
 * Squared errors of every expert, sample-major; a prediction that is not finite costs infinity.
 *
 * @param predictions - One array of shape (nSamples,) an expert.
 * @param targets - Shape (nSamples,).
 * @returns Shape (nSamples, nExperts).
 */
export function squaredErrors(
  predictions: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
): Float64Array {
  const nExperts = predictions.length;
  const errors = new Float64Array(targets.length * nExperts);
  predictions.forEach((prediction, k) => {
    checkLength("prediction.length", prediction.length, targets.length);
    for (let i = 0; i < targets.length; i++) {
      const error = (prediction[i]! - targets[i]!) ** 2;
      errors[i * nExperts + k] = Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
    }
  });
  return errors;
}

/** σ²: the mean squared error weighted by responsibility, floored. Infinite errors are left out. */
export function noiseVariance(errors: Float64Array, responsibilities: Float32Array): number {
  checkLength("responsibilities.length", responsibilities.length, errors.length);
  let sum = 0;
  let weight = 0;
  for (let e = 0; e < errors.length; e++) {
    if (errors[e] === Number.POSITIVE_INFINITY) continue;
    sum += responsibilities[e]! * errors[e]!;
    weight += responsibilities[e]!;
  }
  return Math.max(NOISE_FLOOR, weight === 0 ? 0 : sum / weight);
}

/**
 * The cost of every sample with every expert, shape (nSamples, nExperts).
 *
 * @param errors - Squared errors, shape (nSamples, nExperts).
 * @param scores - The gate's scores, same shape.
 * @param noise - σ², as `noiseVariance` gives it.
 * @param consistency - λ; 0 leaves the gate out.
 */
export function gateConsistentCosts(
  errors: Float64Array,
  scores: Float64Array,
  { noise, consistency }: { readonly noise: number; readonly consistency: number },
): Float64Array {
  checkLength("scores.length", scores.length, errors.length);
  checkNumber("noise", noise, Number.MIN_VALUE);
  checkNumber("consistency", consistency, 0);
  return errors.map((error, e) =>
    error === Number.POSITIVE_INFINITY
      ? error
      : Math.min(error / (2 * noise), MAX_ERROR_COST) -
        consistency * Math.log(scores[e]! + SCORE_FLOOR),
  );
}
