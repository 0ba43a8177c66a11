/**
 * The verdict of a single fit: the mixture against its rivals over folds of the training rows,
 * with the settings and the number of experts that the fit chose.
 */
import { type Samples, trainCost } from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import { silent } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { equalCostSize, predictEnsemble, trainEnsemble } from "./ensemble.ts";
import type { Run } from "./executor.ts";
import type { FittedMixture } from "./fit.ts";
import { growMixture, trainBase } from "./grow.ts";
import type { FitOptions } from "./options.ts";
import { predictMixture } from "./predict.ts";
import { judgeRegimeFolds } from "./regimes/index.ts";
import { innerFolds, takeSamples, targetRange } from "./samples.ts";
import { freshNetTask, type NetSettings, regressionShape } from "./train-net.ts";
import { judgePartitioning, type Verdict } from "./verdict.ts";

const FOLDS = 5;

/** Judges a fitted mixture; one of a single expert needs no folds. */
export async function crossValidate(
  samples: Samples,
  fitted: FittedMixture,
  options: FitOptions,
  { executor, progress }: Run,
): Promise<Verdict> {
  const maxExperts = fitted.mixture.experts.length;
  const losses = { mixture: [] as number[], single: [] as number[], equalCost: [] as number[] };
  const testShare = 1 / (FOLDS - 1);
  if (maxExperts === 1) return judgePartitioning(losses, { testShare, maxExperts });
  if (fitted.regimes !== null) {
    const { folds } = fitted.regimes;
    const { settings } = fitted.tuned;
    const rival = { settings, size: rivalSize(samples, fitted.cost, settings, options) };
    const own = await judgeRegimeFolds(samples, { folds, rival }, options, executor);
    return judgePartitioning(own, { testShare, maxExperts });
  }

  const { settings } = fitted.tuned;
  const shape = regressionShape(samples.X.nColumns, options);
  const size = rivalSize(samples, fitted.cost, settings, options);
  const folds = innerFolds(samples, { folds: FOLDS, seed: childSeed(options.seed, "verdict") });
  for (const [f, { train, test }] of folds.entries()) {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const range = targetRange(seen.y);
    const own = { ...options, seed: childSeed(options.seed, `verdict ${f}`) };
    const { base } = await trainBase(seen, settings, own, executor);
    const start = { samples: seen, settings, base, nExperts: fitted.choice.nExperts };
    const { mixture } = await growMixture(start, own, executor, silent);
    const { nets: rivals } = await trainEnsemble(
      seen,
      { shape, settings, size },
      own.seed,
      executor,
    );
    const { engine } = executor;
    losses.mixture.push(loss(predictMixture(engine, mixture, unseen.X, range).values, unseen.y));
    losses.single.push(loss(predictEnsemble(engine, [base], unseen.X, range), unseen.y));
    losses.equalCost.push(loss(predictEnsemble(engine, rivals, unseen.X, range), unseen.y));
    progress(`verdict fold ${f + 1} of ${FOLDS}`, (f + 1) / FOLDS);
  }
  return judgePartitioning(losses, { testShare, maxExperts });
}

/** How many plain nets the mixture's training would have paid for. */
export function rivalSize(
  samples: Samples,
  cost: number,
  settings: NetSettings,
  options: FitOptions,
): number {
  const shape = regressionShape(samples.X.nColumns, options);
  return equalCostSize(cost, trainCost(freshNetTask(samples, shape, settings, options.seed)));
}

function loss(values: Float64Array, y: Float32Array): number {
  return mean(values.map((value, i) => (value - y[i]!) ** 2));
}
