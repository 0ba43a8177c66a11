/**
 * Is partitioning worth it? A plain answer, computed the same way everywhere.
 *
 * Worth it means: at least 2 % lower squared error than the better of the single net and the
 * ensemble of equal cost, and p < .05 against that one by the corrected resampled t test over the
 * splits.
 */
import { correctedPairedTest, mean, type PairedTest } from "../metrics/index.ts";

export const MIN_REDUCTION = 0.02;
export const SIGNIFICANCE = 0.05;

export interface Verdict {
  readonly partitioning: "worth it" | "not worth it";
  /** One sentence with the figures. */
  readonly why: string;
}

/** Mean squared errors of matched splits, one entry a split. */
export interface MatchedLosses {
  readonly mixture: readonly number[];
  readonly single: readonly number[];
  readonly equalCost: readonly number[];
}

/**
 * @param testShare - nTest / nTrain of a split.
 * @param maxExperts - The most experts that any split's mixture has.
 */
export function judgePartitioning(
  losses: MatchedLosses,
  { testShare, maxExperts }: { readonly testShare: number; readonly maxExperts: number },
): Verdict {
  if (maxExperts === 1) {
    return {
      partitioning: "not worth it",
      why: "on held-out rows one net predicted as well as every mixture, so the model is one net",
    };
  }
  const singleIsRival = mean(losses.single) <= mean(losses.equalCost);
  const rival = singleIsRival ? losses.single : losses.equalCost;
  const rivalName = singleIsRival ? "a single net" : "an ensemble of equal cost";
  const reduction = 1 - mean(losses.mixture) / mean(rival);
  const test = correctedPairedTest(losses.mixture, rival, testShare);
  const worth = reduction >= MIN_REDUCTION && test.p < SIGNIFICANCE;
  return {
    partitioning: worth ? "worth it" : "not worth it",
    why: describe(reduction, test, rivalName),
  };
}

function describe(reduction: number, { p, splits }: PairedTest, rival: string): string {
  const percent = `${Math.abs(100 * reduction).toFixed(1)} %`;
  const direction = reduction >= 0 ? "lower" : "higher";
  return (
    `squared error ${percent} ${direction} than ${rival} over ${splits} splits, ` +
    `p = ${p < 0.001 ? "<0.001" : p.toFixed(3)}; worth it takes ` +
    `${100 * MIN_REDUCTION} % lower and p < ${SIGNIFICANCE}`
  );
}
