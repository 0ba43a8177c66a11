/**
 * The baselines of a mixture, trained on the same samples with the same tuning.
 *
 * Each returns predictions of unseen rows in standardised units, with its time and cost.
 */
import { kmeans } from "ml-kmeans";
import { countParameters, type Samples, trainCost } from "../experts/index.ts";
import {
  type Executor,
  type FitOptions,
  type FittedMixture,
  predictEnsemble,
  regressionShape,
  rivalSize,
  specialistTask,
  targetRange,
  trainEnsemble,
  tuneNet,
} from "../mixture/index.ts";
import { type Matrix, rowOf } from "../shared/matrix.ts";
import { silent } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";

/** A split's training rows, the rows to predict, and the mixture that was fitted on the former. */
export interface Contest {
  readonly samples: Samples;
  readonly unseen: Matrix;
  readonly fitted: Pick<FittedMixture, "base" | "baseCost" | "tuned" | "cost">;
  readonly options: FitOptions;
  readonly executor: Executor;
}

export interface RivalAnswer {
  /** Standardised. Shape (unseen.nRows,). */
  readonly values: Float64Array;
  readonly cost: number;
  readonly nParameters: number;
}

/** B1: the tuned net that the mixture starts from. */
export function singleNet({ samples, unseen, fitted, executor }: Contest): RivalAnswer {
  const { base, baseCost } = fitted;
  const values = predictEnsemble(executor.engine, [base], unseen, targetRange(samples.y));
  return { values, cost: baseCost, nParameters: base.parameters.length };
}

/**
 * B3: averages of plain nets: of 4, and of the number that costs as much as the mixture. Trained
 * together, because the larger ensemble contains the smaller.
 */
export async function ensembles(contest: Contest): Promise<{
  readonly four: RivalAnswer;
  readonly equalCost: RivalAnswer;
  readonly equalCostSize: number;
}> {
  const { samples, unseen, fitted, options, executor } = contest;
  const { settings } = fitted.tuned;
  const shape = regressionShape(samples.X.nColumns, options);
  const equalCostSize = rivalSize(samples, fitted.cost, settings, options);
  const start = { shape, settings, size: Math.max(4, equalCostSize) };
  const { nets, costOfNet } = await trainEnsemble(samples, start, options.seed, executor);
  const range = targetRange(samples.y);
  const answer = (count: number): RivalAnswer => ({
    values: predictEnsemble(executor.engine, nets.slice(0, count), unseen, range),
    cost: count * costOfNet,
    nParameters: count * countParameters(shape.sizes),
  });
  return { four: answer(4), equalCost: answer(equalCostSize), equalCostSize };
}

/** B2: one net with about as many parameters as the largest mixture, tuned in the same way. */
export async function wideNet(contest: Contest): Promise<RivalAnswer> {
  const { samples, unseen, options, executor } = contest;
  const nFeatures = samples.X.nColumns;
  const hidden = widenedLayers(nFeatures, options);
  const shape = regressionShape(nFeatures, { ...options, hidden });
  const seed = childSeed(options.seed, "wide");
  const tuned = await tuneNet(
    samples,
    shape,
    { ...options.tuning, seed },
    {
      executor,
      progress: silent,
    },
  );
  const start = { shape, settings: tuned.settings, size: 1 };
  const { nets, costOfNet } = await trainEnsemble(samples, start, seed, executor);
  return {
    values: predictEnsemble(executor.engine, nets, unseen, targetRange(samples.y)),
    cost: costOfNet,
    nParameters: countParameters(shape.sizes),
  };
}

/** Widens all hidden layers until the net has as many parameters as all experts together. */
function widenedLayers(nFeatures: number, options: FitOptions): readonly number[] {
  const count = (hidden: readonly number[]): number =>
    countParameters(regressionShape(nFeatures, { ...options, hidden }).sizes);
  const wanted = Math.max(...options.candidates) * count(options.hidden);
  let factor = 1;
  const widened = (): number[] => options.hidden.map((width) => Math.round(width * factor));
  while (count(widened()) < wanted) factor += 1 / Math.max(...options.hidden);
  return widened();
}

/** k-means on the inputs; an expert per cluster, trained like a mixture's; routes by centre. */
export async function clusteredExperts(contest: Contest): Promise<RivalAnswer> {
  const { samples, unseen, fitted, options, executor } = contest;
  const nClusters = Math.min(Math.max(...options.candidates), samples.y.length);
  const clustering = kmeans(rowsOf(samples.X), nClusters, {
    seed: childSeed(options.seed, "kmeans") >>> 1,
    initialization: "kmeans++",
  });
  const { base, baseCost, tuned } = fitted;
  const tasks = Array.from({ length: nClusters }, (_, k) => {
    const weights = Float32Array.from(clustering.clusters, (cluster) => (cluster === k ? 1 : 0));
    return specialistTask({ ...samples, weights }, { base, settings: tuned.settings, k }, options);
  });
  const trained = await executor.train(samples.X, tasks);
  const nearest = clustering.nearest(rowsOf(unseen));
  const range = targetRange(samples.y);
  const answers = trained.map(({ net }) => predictEnsemble(executor.engine, [net], unseen, range));
  return {
    values: Float64Array.from(nearest, (k, i) => answers[k]![i]!),
    cost: tasks.reduce((sum, task) => sum + trainCost(task), baseCost),
    nParameters: nClusters * base.parameters.length,
  };
}

function rowsOf(X: Matrix): number[][] {
  return Array.from({ length: X.nRows }, (_, i) => [...rowOf(X, i)]);
}
