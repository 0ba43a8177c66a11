/**
 * The method, top to bottom: tune one good net; let experts compete, and measure on held-out rows
 * whether a partition predicts better than that net; fit the winner on all rows.
 *
 * Works on preprocessed samples in standardised units. One expert is always a candidate and wins
 * unless more are clearly better: that is the promise "never worse than one good model".
 */
import type { Samples } from "../experts/index.ts";
import { type Progress, silent, within } from "../shared/progress.ts";
import { chooseExperts } from "./choose.ts";
import type { Executor, Run } from "./executor.ts";
import type { FittedMixture } from "./fitted.ts";
import { growMixture, trainBase } from "./grow.ts";
import type { FitOptions } from "./options.ts";
import { fitRegimes, type SingleNet } from "./regimes/index.ts";
import { regressionShape } from "./train-net.ts";
import { tuneNet } from "./tune.ts";

export type { FittedMixture };

/**
 * Fits a mixture to samples.
 *
 * @param samples - X (nSamples, nFeatures), y (nSamples,), standardised; weights must be null.
 * @throws EXPERT_DIVERGED if a final net ends with parameters that are not finite.
 */
export async function fitMixture(
  samples: Samples,
  options: FitOptions,
  executor: Executor,
  progress: Progress = silent,
): Promise<FittedMixture> {
  const single = (run: Run): Promise<SingleNet> => fitSingle(samples, options, run);
  if (options.partitioning === "likelihood") {
    return fitRegimes(samples, { single, options }, executor, progress);
  }
  const { tuned, base, baseCost } = await single({ executor, progress: within(progress, 0, 0.5) });
  const { settings } = tuned;
  const choosing = within(progress, 0.5, 0.8);
  const choice = await chooseExperts(samples, settings, options, {
    executor,
    progress: choosing,
  });
  const start = { samples, settings, base, nExperts: choice.nExperts };
  const grown = await growMixture(start, options, executor, within(progress, 0.8, 1));
  const { mixture, partition } = grown;
  const cost = choice.cost + baseCost + grown.cost;
  return { mixture, base, baseCost, tuned, choice, partition, search: null, regimes: null, cost };
}

/** One net: its settings by hold-outs, then its training on all samples. */
async function fitSingle(samples: Samples, options: FitOptions, run: Run): Promise<SingleNet> {
  const shape = regressionShape(samples.X.nColumns, options);
  const tuned = await tuneNet(samples, shape, { ...options.tuning, seed: options.seed }, run);
  const { base, cost } = await trainBase(samples, tuned.settings, options, run.executor);
  return { tuned, base, baseCost: cost };
}
