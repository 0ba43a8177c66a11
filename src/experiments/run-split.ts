/** One split of an experiment: fit on its training rows, compare on its test rows. */
import { applyPreprocessing, type Split, type TargetScale, unscaleTarget } from "../data/index.ts";
import { regressionMetrics } from "../metrics/index.ts";
import { type Executor, type Route, standardise, type TrainingTable } from "../mixture/index.ts";
import { nowMs } from "../shared/clock.ts";
import { type Progress, within } from "../shared/progress.ts";
import {
  type Contest,
  clusteredExperts,
  ensembles,
  type RivalAnswer,
  singleNet,
  wideNet,
} from "./baselines.ts";
import type { ExperimentConfig, Method } from "./config.ts";
import type { MethodResult, SplitPredictions, SplitResult } from "./result.ts";
import { fitSplit, type SplitOptions } from "./split-fit.ts";

export interface SplitTask {
  readonly number: number;
  readonly split: Split;
  readonly table: TrainingTable;
  readonly baselines: ExperimentConfig["baselines"];
}

export interface SplitOutcome {
  readonly result: SplitResult;
  readonly predictions: SplitPredictions;
}

/** A method's answers and their time. */
interface TimedAnswer extends RivalAnswer {
  readonly fitMs: number;
}

/**
 * Fits the mixture or the committee, and its baselines, on the split's training rows, and measures
 * them on its test rows.
 */
export async function runSplit(
  task: SplitTask,
  options: SplitOptions,
  executor: Executor,
  progress: Progress,
): Promise<SplitOutcome> {
  const { table, split } = task;
  const { features, y } = table;
  const { preprocessing, samples } = standardise(table, split.train);
  const unseen = applyPreprocessing(preprocessing, features, split.test);
  const truth = Float64Array.from(split.test, (i) => y[i]!);

  const started = nowMs();
  const fitting = within(progress, 0, 0.6);
  const fit = await fitSplit(
    { samples, unseen, target: preprocessing.target },
    options,
    executor,
    fitting,
  );
  const fitMs = nowMs() - started;
  const { rivals: fitted, values, routes, nParameters, nExperts, committee } = fit;
  const mixture: TimedAnswer = { values, cost: fitted.cost, nParameters, fitMs };

  // The baselines have the shape that their settings were tuned for.
  const { sizes, activation } = fitted.base;
  const shaped = { ...options.fit, hidden: sizes.slice(1, -1), activation };
  const contest = { samples, unseen, fitted, options: shaped, executor };
  const { answers, equalCostSize } = await runRivals(contest, task.baselines, progress);
  const all: ReadonlyMap<Method, TimedAnswer> = new Map([["mixture", mixture], ...answers]);
  const inUnits = (answer: RivalAnswer): Float64Array =>
    unscaleTarget(answer.values, preprocessing.target);
  return {
    result: {
      split: task.number,
      nTrain: split.train.length,
      nTest: split.test.length,
      settings: fitted.tuned.settings,
      candidates: fit.candidates,
      nExperts,
      ...(committee === null ? {} : { committee }),
      equalCostSize,
      perExpert: routes.flatMap((route) => errorsByExpert(truth, inUnits(mixture), route)),
      methods: measureAll(all, truth, preprocessing.target),
    },
    predictions: {
      split: task.number,
      rows: split.test,
      truth,
      mixture: inUnits(mixture),
      single: inUnits(all.get("single")!),
    },
  };
}

async function runRivals(
  contest: Contest,
  baselines: ExperimentConfig["baselines"],
  progress: Progress,
): Promise<{ answers: readonly [Method, TimedAnswer][]; equalCostSize: number }> {
  const answers: [Method, TimedAnswer][] = [];
  const single = await timed(async () => singleNet(contest));
  answers.push(["single", single]);
  progress("ensembles", 0.6);
  const started = nowMs();
  const { four, equalCost, equalCostSize } = await ensembles(contest);
  const msOfNet = (nowMs() - started) / Math.max(4, equalCostSize);
  if (baselines.includes("ensemble4")) {
    answers.push(["ensemble4", { ...four, fitMs: 4 * msOfNet }]);
  }
  answers.push(["equalCost", { ...equalCost, fitMs: equalCostSize * msOfNet }]);
  progress("wide net", 0.7);
  if (baselines.includes("wide")) answers.push(["wide", await timed(() => wideNet(contest))]);
  progress("k-means experts", 0.95);
  if (baselines.includes("kmeans")) {
    answers.push(["kmeans", await timed(() => clusteredExperts(contest))]);
  }
  progress("split done", 1);
  return { answers, equalCostSize };
}

async function timed(work: () => Promise<RivalAnswer>): Promise<TimedAnswer> {
  const started = nowMs();
  const answer = await work();
  return { ...answer, fitMs: nowMs() - started };
}

function measureAll(
  answers: ReadonlyMap<Method, TimedAnswer>,
  truth: Float64Array,
  target: TargetScale,
): Partial<Record<Method, MethodResult>> {
  const entries = [...answers].map(([method, { values, fitMs, cost, nParameters }]) => {
    const metrics = regressionMetrics(truth, unscaleTarget(values, target));
    return [method, { ...metrics, fitMs, cost, nParameters }] as const;
  });
  return Object.fromEntries(entries);
}

function errorsByExpert(
  truth: Float64Array,
  values: Float64Array,
  route: Route,
): SplitResult["perExpert"] {
  return Array.from({ length: route.nExperts }, (_, k) => {
    const rows = [...truth.keys()].filter((i) => route.experts[i] === k);
    if (rows.length === 0) return { nSamples: 0, mse: null };
    const squares = rows.reduce((sum, i) => sum + (values[i]! - truth[i]!) ** 2, 0);
    return { nSamples: rows.length, mse: squares / rows.length };
  });
}
