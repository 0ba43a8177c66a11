/**
 * The fit of regimes on folds: held-out predictions of its mixture and of one net. The choice
 * between them, intervals and the verdict use these errors.
 *
 * In each fold the laws climb again from the labels of the fold's training rows, then experts
 * and boundary are fitted to them. The number of regimes, the kind of boundary and the training
 * settings are those of the fit on all rows.
 */
import type { Net, Samples } from "../../experts/index.ts";
import { inLanes } from "../../shared/lanes.ts";
import { sideBySide } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor, Run } from "../executor.ts";
import { trainBase } from "../grow.ts";
import { type Laws, relabel } from "../likelihood/index.ts";
import type { FitOptions } from "../options.ts";
import { predictMixture } from "../predict.ts";
import { clip, foldsAtOnce, innerFolds, takeSamples, targetRange } from "../samples.ts";
import type { NetSettings } from "../train-net.ts";
import { type Divided, fitDivided, type RegimeChoices } from "./divide.ts";

/** One fold: held-out rows, and their predictions. */
export interface RegimeFold {
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** The net that was trained on the other folds. */
  readonly base: Net;
  /** Prediction − target on the rows held out, standardised; of one net, and of the mixture. */
  readonly single: Float64Array;
  readonly mixture: Float64Array;
}

export interface CrossFit {
  readonly settings: NetSettings;
  /** null where there is one regime: the mixture is the net. */
  readonly regimes: {
    readonly divided: Divided;
    readonly laws: Laws;
    readonly choices: RegimeChoices;
  } | null;
}

const FOLDS = 5;
/** With more rows fewer folds are held out: each has rows enough. */
const ROWS_FOR_ALL_FOLDS = 50_000;
const FEW_FOLDS = 3;

export async function crossFit(
  samples: Samples,
  plan: CrossFit,
  options: FitOptions,
  { executor, progress }: Run,
): Promise<readonly RegimeFold[]> {
  const nRows = samples.y.length;
  const folds = Math.min(FOLDS, nRows);
  const all = innerFolds(samples, { folds, seed: childSeed(options.seed, "regime folds") });
  const splits =
    nRows > ROWS_FOR_ALL_FOLDS && samples.groups === null ? all.slice(0, FEW_FOLDS) : all;
  const parts = sideBySide(progress, splits.length);
  return inLanes(splits, foldsAtOnce(nRows), async (split, f) => {
    const foldOptions = { ...options, seed: childSeed(options.seed, `regime fold ${f}`) };
    const fold = await fitFold(samples, { ...plan, ...split }, foldOptions, executor);
    parts[f]!(`fold ${f + 1} of ${splits.length}`, 1);
    return fold;
  });
}

interface FoldPlan extends CrossFit {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

async function fitFold(
  samples: Samples,
  { train, test, settings, regimes }: FoldPlan,
  options: FitOptions,
  executor: Executor,
): Promise<RegimeFold> {
  const { engine } = executor;
  const seen = takeSamples(samples, train);
  const unseen = takeSamples(samples, test);
  const range = targetRange(seen.y);
  const { base } = await trainBase(seen, settings, options, executor);
  const answers = engine.predict(base, unseen.X);
  const single = Float64Array.from(answers, (value, i) => clip(value, range) - unseen.y[i]!);
  const undivided = { train, test, base, single, mixture: single };
  if (regimes === null) return undivided;

  const { divided, laws, choices } = regimes;
  const { nExperts } = divided;
  const labelled = { labels: train.map((i) => divided.labels[i]!), nRegimes: nExperts, laws };
  const { labels, inliers } = await relabel(seen, labelled, options.seed, executor);
  const division = { labels, inliers, nExperts };
  if (!everyRegimeHasRows(division)) return undivided;
  const task = { divided: division, start: { base, settings }, choices };
  const fitted = await fitDivided(seen, task, options, executor);
  const { values } = predictMixture(engine, fitted.mixture, unseen.X, range);
  const mixture = values.map((value, i) => value - unseen.y[i]!);
  return { train, test, base, single, mixture };
}

/** Whether each regime has rows to train an expert on. */
export function everyRegimeHasRows({ labels, inliers, nExperts }: Divided): boolean {
  const seen = new Set<number>();
  labels.forEach((label, i) => {
    if (inliers[i] === 1) seen.add(label);
  });
  return seen.size === nExperts;
}
