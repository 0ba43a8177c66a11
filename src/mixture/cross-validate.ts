/**
 * The verdict of a single fit: the mixture against its rivals over folds of the training rows,
 * with the settings and the number of experts that the fit chose.
 */
import { type Samples, trainCost } from "../experts/index.ts";
import { inLanes } from "../shared/lanes.ts";
import { sideBySide, silent } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { equalCostSize, predictEnsemble, trainEnsemble } from "./ensemble.ts";
import type { Run } from "./executor.ts";
import type { FittedMixture } from "./fit.ts";
import { growMixture, trainBase } from "./grow.ts";
import type { FitOptions } from "./options.ts";
import { predictMixture } from "./predict.ts";
import { judgeRegimeFolds } from "./regimes/index.ts";
import { foldsAtOnce, innerFolds, takeSamples, targetRange } from "./samples.ts";
import { freshNetTask, type NetSettings, regressionShape } from "./train-net.ts";
import { judgeHeldOut, type RowLosses, type Verdict } from "./verdict.ts";

const FOLDS = 5;

/** Judges a fitted mixture; one of a single expert needs no folds. */
export async function crossValidate(
  samples: Samples,
  fitted: FittedMixture,
  options: FitOptions,
  { executor, progress }: Run,
): Promise<Verdict> {
  const maxExperts = fitted.mixture.experts.length;
  const judge = (losses: RowLosses, tests: readonly Int32Array[]): Verdict => {
    const names = samples.groups;
    const groups = names && tests.map((rows) => Array.from(rows, (i) => names[i]!));
    return judgeHeldOut({ ...losses, groups }, { testShare: 1 / (FOLDS - 1), maxExperts });
  };
  if (maxExperts === 1) return judge({ mixture: [], single: [], equalCost: [] }, []);
  if (fitted.regimes !== null) {
    const { folds } = fitted.regimes;
    const { settings } = fitted.tuned;
    const rival = { settings, size: rivalSize(samples, fitted.cost, settings, options) };
    const losses = await judgeRegimeFolds(samples, { folds, rival }, options, executor);
    return judge(
      losses,
      folds.map(({ test }) => test),
    );
  }

  const { settings } = fitted.tuned;
  const shape = regressionShape(samples.X.nColumns, options);
  const size = rivalSize(samples, fitted.cost, settings, options);
  const folds = innerFolds(samples, { folds: FOLDS, seed: childSeed(options.seed, "verdict") });
  const parts = sideBySide(progress, FOLDS);
  const nLanes = foldsAtOnce(samples.y.length);
  const judged = await inLanes(folds, nLanes, async ({ train, test }, f) => {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const range = targetRange(seen.y);
    const foldOptions = { ...options, seed: childSeed(options.seed, `verdict ${f}`) };
    const { base } = await trainBase(seen, settings, foldOptions, executor);
    const start = { samples: seen, settings, base, nExperts: fitted.choice.nExperts };
    const { mixture } = await growMixture(start, foldOptions, executor, silent);
    const { nets: rivals } = await trainEnsemble(
      seen,
      { shape, settings, size },
      foldOptions.seed,
      executor,
    );
    const { engine } = executor;
    parts[f]!(`verdict fold ${f + 1} of ${FOLDS}`, 1);
    return {
      mixture: squares(predictMixture(engine, mixture, unseen.X, range).values, unseen.y),
      single: squares(predictEnsemble(engine, [base], unseen.X, range), unseen.y),
      equalCost: squares(predictEnsemble(engine, rivals, unseen.X, range), unseen.y),
    };
  });
  const losses: RowLosses = {
    mixture: judged.map(({ mixture }) => mixture),
    single: judged.map(({ single }) => single),
    equalCost: judged.map(({ equalCost }) => equalCost),
  };
  return judge(
    losses,
    folds.map(({ test }) => test),
  );
}

/** The number of plain nets that cost as much as the mixture's training. */
export function rivalSize(
  samples: Samples,
  cost: number,
  settings: NetSettings,
  options: FitOptions,
): number {
  const shape = regressionShape(samples.X.nColumns, options);
  return equalCostSize(cost, trainCost(freshNetTask(samples, shape, settings, options.seed)));
}

function squares(values: Float64Array, y: Float32Array): Float64Array {
  return values.map((value, i) => (value - y[i]!) ** 2);
}
