/** Errors of an expert on held-out rows, in few numbers that a bundle keeps. */
import { errorsInUnits, type TargetScale } from "../data/index.ts";

/** Means of the powers of some errors. */
export interface ErrorPowers {
  readonly nSamples: number;
  readonly meanError: number;
  readonly meanSquaredError: number;
  readonly meanFourthPower: number;
}

/** An expert's errors on held-out rows, in the target's units. */
export interface ResidualSummary extends ErrorPowers {
  /** The same in standardised units, where a transform makes them differ by more than a scale. */
  readonly standardised?: ErrorPowers;
}

/**
 * The errors of some answers, for a report.
 *
 * @param answers - Standardised. @param truths - Standardised targets. Same length.
 */
export function summariseAnswers(
  answers: Float64Array,
  truths: ArrayLike<number>,
  target: TargetScale,
): ResidualSummary {
  const inUnits = summariseErrors(errorsInUnits(answers, truths, target));
  if (target.transform === undefined) return inUnits;
  const standardised = summariseErrors(answers.map((answer, i) => answer - truths[i]!));
  return { ...inUnits, standardised };
}

/** @param errors - Answers less targets. */
export function summariseErrors(errors: Float64Array): ErrorPowers {
  const nSamples = errors.length;
  const meanPower = (power: number): number =>
    nSamples === 0 ? 0 : errors.reduce((sum, error) => sum + error ** power, 0) / nSamples;
  return {
    nSamples,
    meanError: meanPower(1),
    meanSquaredError: meanPower(2),
    meanFourthPower: meanPower(4),
  };
}

/** An expert's errors in standardised units. */
export function standardResiduals(
  { standardised, ...residuals }: ResidualSummary,
  { scale }: Pick<TargetScale, "scale">,
): ErrorPowers {
  if (standardised !== undefined) return standardised;
  const { nSamples, meanError, meanSquaredError, meanFourthPower } = residuals;
  return {
    nSamples,
    meanError: meanError / scale,
    meanSquaredError: meanSquaredError / scale ** 2,
    meanFourthPower: meanFourthPower / scale ** 4,
  };
}
