/**
 * The method, top to bottom: tune one good net; let experts compete and see on held-out rows
 * whether a partition predicts better than that one net; fit what won on all rows.
 *
 * Works on preprocessed samples in standardised units. One expert is always a candidate and wins
 * unless more are clearly better: that is the promise "never worse than one good model".
 */
import type { Net, Samples } from "../experts/index.ts";
import { type Progress, silent, within } from "../shared/progress.ts";
import { type Choice, chooseExperts } from "./choose.ts";
import type { Partition } from "./compete.ts";
import type { Executor } from "./executor.ts";
import { growMixture, trainBase } from "./grow.ts";
import { type FoundRegimes, type RegimeSearch, searchRegimes } from "./likelihood/index.ts";
import type { Mixture } from "./model.ts";
import type { FitOptions } from "./options.ts";
import { regressionShape } from "./train-net.ts";
import { type Tuned, tuneNet } from "./tune.ts";

export interface FittedMixture {
  readonly mixture: Mixture;
  /** The single net that the mixture grew from: the baseline it has to beat. */
  readonly base: Net;
  /** Multiply-adds spent on the base net. */
  readonly baseCost: number;
  readonly tuned: Tuned;
  readonly choice: Choice;
  /** null if one expert was chosen. */
  readonly partition: Partition | null;
  /** How the regimes were found; null if experts competed. */
  readonly search: RegimeSearch | null;
  /** Multiply-adds spent after tuning: what an ensemble of equal cost may spend. */
  readonly cost: number;
}

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
  const shape = regressionShape(samples.X.nColumns, options);
  const tuning = { ...options.tuning, seed: options.seed };
  const tuned = await tuneNet(samples, shape, tuning, executor, within(progress, 0, 0.5));
  const { settings } = tuned;

  const searching = within(progress, 0.5, 0.65);
  const found = await findRegimes(samples, options, executor, searching);
  const choosing = within(progress, 0.65, 0.8);
  const own = found === null ? options : { ...options, experts: found.nExperts };
  const choice = await chooseExperts(samples, settings, own, executor, choosing);

  const { base, cost: baseCost } = await trainBase(samples, settings, options, executor);
  const known = found === null ? {} : { partition: found.partition };
  const start = { samples, settings, base, nExperts: choice.nExperts, ...known };
  const grown = await growMixture(start, options, executor, within(progress, 0.8, 1));
  const { mixture, partition } = grown;
  const cost = choice.cost + baseCost + grown.cost;
  const search = found?.search ?? null;
  return { mixture, base, baseCost, tuned, choice, partition, search, cost };
}

/** The regimes of all samples and the number of experts that they were found with. */
async function findRegimes(
  samples: Samples,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<(FoundRegimes & { readonly nExperts: number }) | null> {
  if (options.partitioning === "competition") return null;
  const candidates =
    options.experts === null ? [...new Set([1, ...options.candidates])] : [options.experts];
  const found = await searchRegimes(samples, { ...options, candidates }, executor, progress);
  const { search, partition } = found;
  const nExperts = partition.nExperts === 1 ? 1 : search.candidates[search.chosen]!.nExperts;
  return { ...found, nExperts };
}
