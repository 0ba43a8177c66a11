/** From one net to a mixture of a given size: compete, learn the boundaries, specialise. */
import { type Net, type Samples, trainCost } from "../experts/index.ts";
import { type Progress, within } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { compete, type Partition } from "./compete.ts";
import type { Executor } from "./executor.ts";
import { searchRegimes } from "./likelihood/index.ts";
import type { Mixture } from "./model.ts";
import type { FitOptions } from "./options.ts";
import { specialise } from "./specialise.ts";
import { freshNetTask, type NetSettings, regressionShape } from "./train-net.ts";

/** The one good net: every mixture starts from it and has to beat it. */
export async function trainBase(
  samples: Samples,
  settings: NetSettings,
  options: FitOptions,
  executor: Executor,
): Promise<{ readonly base: Net; readonly cost: number }> {
  const shape = regressionShape(samples.X.nColumns, options);
  const task = freshNetTask(samples, shape, settings, childSeed(options.seed, "base"));
  const [trained] = await executor.train(samples.X, [task]);
  return { base: trained!.net, cost: trainCost(task) };
}

export interface GrownMixture {
  readonly mixture: Mixture;
  /** null for one expert. */
  readonly partition: Partition | null;
  /** Multiply-adds spent. */
  readonly cost: number;
}

export interface GrowthStart {
  readonly samples: Samples;
  readonly settings: NetSettings;
  readonly base: Net;
  readonly nExperts: number;
}

/** A mixture of at most `nExperts` experts that starts from `base`, with settings as given. */
export async function growMixture(
  start: GrowthStart,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<GrownMixture> {
  const { samples, settings, base, nExperts } = start;
  if (nExperts === 1) return { mixture: oneExpert(base), partition: null, cost: 0 };

  const partition = await divide(start, options, executor, within(progress, 0, 0.5));
  if (partition.nExperts === 1) {
    return { mixture: oneExpert(base), partition, cost: partition.cost };
  }
  const { mixture, cost } = await specialise(
    { samples, base, settings },
    partition,
    options,
    executor,
  );
  progress("experts", 1);
  return { mixture, partition, cost: partition.cost + cost };
}

/** Divides the samples among at most `nExperts` experts. */
async function divide(
  { samples, settings, nExperts }: GrowthStart,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<Partition> {
  if (options.partitioning === "competition") {
    return compete({ samples, settings, options, executor }, nExperts, progress);
  }
  const search = { ...options, candidates: [nExperts] };
  return (await searchRegimes(samples, search, executor, progress)).partition;
}

/** The honest fallback: one expert, no gate. */
export function oneExpert(net: Net): Mixture {
  return { experts: [{ kind: "mlp", net }], gate: null, recombination: "smooth" };
}
