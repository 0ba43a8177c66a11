/**
 * ε and δ of sums that are noised once: the exact trade of the Gaussian mechanism.
 * Source: Balle & Wang 2018, theorem 8.
 */
import { createRequire } from "node:module";
import type erfcFunction from "@stdlib/math-base-special-erfc";
import { checkNumber } from "../../shared/errors.ts";

const require = createRequire(import.meta.url);
const erfc: typeof erfcFunction = require("@stdlib/math-base-special-erfc");

const [LEAST_NOISE, MOST_NOISE] = [1e-3, 1e6];
const HALVINGS = 100;
/** Less noise is stated as none: its ε is above 90. */
const LEAST_STATED = 0.1;
/** Standard deviations. */
const FAR = 40;

/** δ at ε of noise of that standard deviation, in changes that one row can make. */
export function gaussianDelta(noise: number, epsilon: number): number {
  const below = (x: number): number => erfc(-x / Math.SQRT2) / 2;
  const half = 1 / (2 * noise);
  return below(half - epsilon * noise) - Math.exp(epsilon) * below(-half - epsilon * noise);
}

/**
 * The least noise with which a sum is (ε, δ)-private.
 *
 * @throws INVALID_OPTION unless ε > 0 and 0 < δ < 1.
 */
export function gaussianNoise(epsilon: number, delta: number): number {
  checkNumber("epsilon", epsilon, Number.MIN_VALUE);
  checkNumber("delta", delta, Number.MIN_VALUE);
  checkNumber("1 - delta", 1 - delta, Number.EPSILON);
  let [low, high] = [Math.log(LEAST_NOISE), Math.log(MOST_NOISE)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (gaussianDelta(Math.exp(middle), epsilon) > delta) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** The least ε at δ of noise of that standard deviation; infinite where it hides nothing. */
export function gaussianEpsilon(noise: number, delta: number): number {
  if (!(noise >= LEAST_STATED)) return Number.POSITIVE_INFINITY;
  if (gaussianDelta(noise, 0) <= delta) return 0;
  // The privacy loss is normal: far beyond its mean, δ is below any that is asked.
  let [low, high] = [0, 1 / (2 * noise ** 2) + FAR / noise];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (gaussianDelta(noise, middle) > delta) low = middle;
    else high = middle;
  }
  return high;
}

/** The one sum that is as private as all of these together: 1/σ² = Σ 1/σᵢ². */
export function joinedNoise(noises: readonly number[]): number {
  return noises.reduce((sum, noise) => sum + noise ** -2, 0) ** -0.5;
}
