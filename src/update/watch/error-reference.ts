/** The size of an expert's errors on held-out rows: new errors are compared with it. */
import type { ErrorPowers } from "../../mixture/index.ts";

/** An expert's errors on rows that it had not seen, in standardised units. */
export interface ErrorReference {
  readonly nSamples: number;
  readonly meanError: number;
  readonly meanSquare: number;
  /** Standard errors of the two. */
  readonly errorOfMean: number;
  readonly errorOfSquare: number;
}

/** The errors of a perfect expert count as if they were this large, in standard deviations of y. */
const LEAST_ERROR = 1e-3;

/** @param residuals - In standardised units. */
export function errorReference(residuals: ErrorPowers): ErrorReference {
  const { nSamples, meanError, meanSquaredError, meanFourthPower } = residuals;
  const meanSquare = Math.max(LEAST_ERROR ** 2, meanSquaredError);
  const spread = Math.max(0, meanFourthPower - meanSquare ** 2);
  const n = Math.max(1, nSamples);
  return {
    nSamples,
    meanError,
    meanSquare,
    errorOfMean: Math.sqrt(meanSquare / n),
    errorOfSquare: Math.sqrt(spread / n),
  };
}
