/**
 * What error a model is to be expected to make on new rows like those that it was fitted to, and
 * what simpler models make on the same rows.
 *
 * Every answer is that of a model trained without the row. The number of experts, or the weights
 * of a committee, that answer for a row were chosen on other rows. What was tuned once (training
 * steps, shapes, scales) was tuned on hold-outs that may contain the row, and so it was for the
 * rivals.
 */
import {
  answersInUnits,
  fitTarget,
  type Split,
  scaleTarget,
  type TargetScale,
  unscaleTarget,
} from "../../data/index.ts";
import { fitRidge, predictRidge, type Samples } from "../../experts/index.ts";
import { mean, type RegressionMetrics, regressionMetrics } from "../../metrics/index.ts";
import { clip, takeSamples, targetRange } from "../samples.ts";

/** Root mean squared errors of simpler models, in the target's units, on the same rows. */
export interface RivalErrors {
  /** Of the training rows' mean target. */
  readonly mean: number;
  /** Of a ridge on the inputs as they are; null where there are too many inputs to solve for. */
  readonly linear: number | null;
  /** Of the best kind of plain net; null where none was trained. */
  readonly net: number | null;
  /** Of the better of boosted trees and a forest; null where neither was fitted. */
  readonly trees: number | null;
}

/** A kind of model that was tried, alone on the held-out rows. */
export interface Standing {
  /** A kind of member of a committee, or "1 expert", "2 experts", … */
  readonly kind: string;
  /** In the target's units. */
  readonly rmse: number;
  /** Share of the model's answer that is of this kind, 0 to 1. */
  readonly weight: number;
  /** Members of the model that are of this kind. */
  readonly nMembers: number;
}

/** Errors on rows held out, in the target's units (`mse` in their square). */
export interface Expectation extends RegressionMetrics {
  /**
   * Squared error to expect on new rows ÷ `mse`, above 0 and at most 1: the model has learnt from
   * more rows, and averages more members, than those that answered to the rows held out. Not given
   * where it is not known.
   */
  readonly gain?: number;
  readonly rivals: RivalErrors;
  /** Every kind that was tried, the lowest error first. */
  readonly leaderboard: readonly Standing[];
}

/** Rows held out of what was trained, hold-out by hold-out, and what was answered to them. */
export interface HeldOutAnswers {
  /** Row numbers of the samples: test rows of the first split, of the second, … */
  readonly rows: Int32Array;
  /** Standardised answers of the model. Shape (rows.length,). */
  readonly values: Float64Array;
  readonly splits: readonly Split[];
}

/** What a fit left to expect its errors by. */
export interface Evidence extends Pick<Expectation, "leaderboard" | "gain"> {
  readonly answers: HeldOutAnswers;
  readonly rivals: Pick<RivalErrors, "net" | "trees">;
}

/** @param target - What the samples' targets are standardised by. */
export function expectErrors(
  { answers, rivals, leaderboard, ...rest }: Evidence,
  samples: Samples,
  target: TargetScale,
): Expectation {
  const simple = withoutTransform(samples, target);
  const { means, lines } = simpleAnswers(answers, simple.samples);
  const errorOf = (values: Float64Array | null): number | null =>
    values && measure(values, answers, simple.samples, simple.target).rmse;
  return {
    ...measure(answers.values, answers, samples, target),
    ...rest,
    rivals: { mean: errorOf(means)!, linear: errorOf(lines), ...rivals },
    leaderboard: leaderboard.toSorted((a, b) => a.rmse - b.rmse),
  };
}

/** The error to expect on new rows. */
export function onNewRows({
  rmse,
  r2,
  gain = 1,
}: Pick<Expectation, "rmse" | "r2" | "gain">): Pick<Expectation, "rmse" | "r2"> {
  return { rmse: Math.sqrt(gain) * rmse, r2: r2 === null ? null : 1 - gain * (1 - r2) };
}

/** Errors of standardised answers to the held-out rows, in the target's units. */
function measure(
  values: Float64Array,
  { rows }: HeldOutAnswers,
  samples: Samples,
  target: TargetScale,
): RegressionMetrics {
  const truth = Float64Array.from(rows, (i) => samples.y[i]!);
  if (target.transform !== undefined) {
    return regressionMetrics(unscaleTarget(truth, target), answersInUnits(values, target));
  }
  const { scale } = target;
  const { nSamples, mse, rmse, mae, r2 } = regressionMetrics(truth, values);
  return { nSamples, mse: scale ** 2 * mse, rmse: scale * rmse, mae: scale * mae, r2 };
}

/** The samples with the target as it is: the simpler models do not transform it. */
function withoutTransform(
  samples: Samples,
  target: TargetScale,
): { readonly samples: Samples; readonly target: TargetScale } {
  if (target.transform === undefined) return { samples, target };
  const y = unscaleTarget(samples.y, target);
  const plain = fitTarget(target.name, y);
  return { samples: { ...samples, y: scaleTarget(y, plain) }, target: plain };
}

/** A ridge on more columns would take longer than the fit. */
const MAX_COLUMNS = 1000;

/** What the mean and a ridge of each split's training rows answer to its test rows. */
function simpleAnswers(
  { rows, splits }: HeldOutAnswers,
  samples: Samples,
): { readonly means: Float64Array; readonly lines: Float64Array | null } {
  const isSolved = samples.X.nColumns <= MAX_COLUMNS;
  const means = new Float64Array(rows.length);
  const lines = new Float64Array(rows.length);
  let filled = 0;
  for (const { train, test } of splits) {
    const seen = takeSamples(samples, train);
    means.fill(mean(seen.y), filled, filled + test.length);
    if (isSolved) {
      const range = targetRange(seen.y);
      const said = predictRidge(fitRidge(seen, 1), takeSamples(samples, test).X);
      lines.set(
        Float64Array.from(said, (value) => clip(value, range)),
        filled,
      );
    }
    filled += test.length;
  }
  return { means, lines: isSolved ? lines : null };
}
