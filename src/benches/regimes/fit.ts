/** What our fit makes of a case: regimes held against the truth, errors against the noise. */
import { applyPreprocessing } from "../../data/index.ts";
import { type Condition, type Explanation, explainFit, explainRows } from "../../explain/index.ts";
import { adjustedRandIndex, mean } from "../../metrics/index.ts";
import {
  type Executor,
  type FitOptions,
  fitJudgedModel,
  fitModel,
  predictMatrix,
  type Route,
  type Verdict,
} from "../../mixture/index.ts";
import { nowMs } from "../../shared/clock.ts";
import type { Progress } from "../../shared/progress.ts";
import { decidingFeature, type RegimeCase } from "./sets.ts";

/** One fit, measured on the test rows. */
export interface FitOutcome {
  /** Adjusted Rand index of the routed test rows; null where the true regimes are unknown. */
  readonly ari: number | null;
  readonly nRegimes: number;
  readonly errors: RoutedErrors;
  /**
   * Share of the test rows whose answer blends several experts by more than a hundredth; missing in
   * results of earlier versions.
   */
  readonly bandShare?: number | undefined;
  /** null if it was not judged. */
  readonly verdict: Verdict["partitioning"] | null;
  readonly wallSeconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  /** Of the rules that tell regimes: bounds on the feature that truly decides, if one does. */
  readonly thresholds: readonly number[];
}

/** Mean squared errors ÷ the noise's variance, or ÷ the target's where the noise is unknown. */
export interface RoutedErrors {
  readonly all: number;
  /** Of rows that the model flags as near a boundary, and of the others; null if there are none. */
  readonly near: number | null;
  readonly away: number | null;
  readonly nearShare: number;
}

export interface FitCaseOptions {
  readonly fit: FitOptions;
  /** Whether to judge partitioning too. */
  readonly judged: boolean;
}

/** Fits the training rows as the command `fit` does, and measures on the test rows. */
export async function fitCase(
  own: RegimeCase,
  { fit, judged }: FitCaseOptions,
  executor: Executor,
  progress: Progress,
): Promise<FitOutcome> {
  const options = { ...fit, seed: own.seed };
  const [startMs, startCpu] = [nowMs(), process.cpuUsage()];
  const fitted = judged
    ? await fitJudgedModel(own.train, options, executor, progress)
    : { ...(await fitModel(own.train, options, executor, progress)), verdict: null };
  const explanation = explainFit(executor.engine, fitted, own.train);
  const { user, system } = process.cpuUsage(startCpu);
  const wallSeconds = (nowMs() - startMs) / 1000;

  const { model, verdict } = fitted;
  const X = applyPreprocessing(model.preprocessing, own.test.features);
  const { values, routes } = predictMatrix(executor.engine, model, X);
  const { experts, nExperts } = routes[0]!;
  const { nearBoundary } = explainRows(explanation, X, routes)[0]!;
  return {
    ari: own.truth && adjustedRandIndex(own.truth.regimes, experts),
    nRegimes: nExperts,
    errors: routedErrors(own, values, nearBoundary),
    bandShare: shareInBands(routes[0]!),
    verdict: verdict?.partitioning ?? null,
    wallSeconds,
    cpuSeconds: (user + system) / 1e6,
    thresholds: thresholdsOf(explanation, decidingFeature(own.set)),
  };
}

const BLENDED = 0.01;

function shareInBands({ scores, nExperts }: Route): number {
  const nRows = scores.length / nExperts;
  const blended = Array.from({ length: nRows }, (_, i) => {
    const row = scores.subarray(i * nExperts, (i + 1) * nExperts);
    return Number(row.every((score) => score < 1 - BLENDED));
  });
  return mean(blended);
}

/** @param near - 1 for rows near a boundary. Shape (nTest,). */
export function routedErrors(
  { test: { y }, noiseVariance }: Pick<RegimeCase, "test" | "noiseVariance">,
  predictions: ArrayLike<number>,
  near: Uint8Array,
): RoutedErrors {
  const floor = noiseVariance ?? variance(y);
  const ratios = y.map((value, i) => (predictions[i]! - value) ** 2 / floor);
  const meanWhere = (flag: number): number | null => {
    const selected = ratios.filter((_, i) => near[i] === flag);
    return selected.length === 0 ? null : mean(selected);
  };
  return { all: mean(ratios), near: meanWhere(1), away: meanWhere(0), nearShare: mean(near) };
}

function variance(y: Float64Array): number {
  const average = mean(y);
  return mean(y.map((value) => (value - average) ** 2));
}

function thresholdsOf({ members }: Explanation, feature: string | null): readonly number[] {
  const conditions = members.flatMap(({ experts }) =>
    experts.flatMap(({ card }): readonly Condition[] => card.rule?.alternatives.flat() ?? []),
  );
  return conditions
    .filter((condition) => condition.kind === "range" && condition.feature === feature)
    .flatMap((condition) => (condition.kind === "range" ? [condition.from, condition.to] : []))
    .filter((bound) => bound !== null);
}
