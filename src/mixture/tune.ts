/**
 * Chooses the training settings of the base net, on hold-outs of the training rows.
 *
 * Any mixture looks good beside an undertrained net, so the number of steps is extended while the
 * largest wins. Every baseline is tuned by this same function.
 */
import {
  type Engine,
  isFiniteNet,
  type Net,
  type NetShape,
  type Samples,
} from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import { inLanes } from "../shared/lanes.ts";
import { childSeed } from "../shared/rng.ts";
import type { Executor, Run } from "./executor.ts";
import { batchSizeFor, type TuningOptions } from "./options.ts";
import { clip, innerHoldOuts, type Range, takeSamples, targetRange } from "./samples.ts";
import { freshNetTask, type NetSettings } from "./train-net.ts";

/** Steps tried beyond the given ones while the largest wins. */
const STEP_LADDER = [3000, 15_000, 45_000, 120_000];
/** Most passes over the rows of an extension: on few rows, training stays short. */
const MAX_PASSES = 5000;
/** A later setting must be better by this much to win. */
const MIN_IMPROVEMENT = 0.005;
/** Training beyond the given steps costs most: where settings are halved it must bring more. */
const MIN_EXTENSION = 0.01;

export interface TriedSettings extends NetSettings {
  /** Mean over the hold-outs, in standardised units; infinite if a net diverged. */
  readonly holdOutMse: number;
}

export interface Tuned {
  readonly settings: NetSettings;
  readonly holdOutMse: number;
  readonly tried: readonly TriedSettings[];
}

/** The settings of least hold-out error for nets of this shape. */
export async function tuneNet(
  samples: Samples,
  shape: NetShape,
  options: TuningOptions & { readonly seed: number },
  { executor, progress }: Run,
): Promise<Tuned> {
  const holdOuts = innerHoldOuts(samples, options.seed).map((split) => ({
    train: takeSamples(samples, split.train),
    test: takeSamples(samples, split.test),
  }));
  const ladder = stepLadder(options, samples.y.length);
  const tried: TriedSettings[] = [];
  let best: TriedSettings | undefined;
  for (const [rung, steps] of ladder.entries()) {
    const extending = rung >= options.steps.length;
    const isAsked = extending || options.halving === true;
    if (rung > 0 && isAsked && best?.steps !== ladder[rung - 1]) break;
    const all = settingsAt(steps, options);
    const least = options.halving === true && extending ? MIN_EXTENSION : MIN_IMPROVEMENT;
    const settings =
      options.halving === true && rung > 0 ? goingOn(tried, steps, extending, options) : all;
    const losses = await holdOutLosses(holdOuts, { shape, settings, seed: options.seed }, executor);
    settings.forEach((setting, s) => {
      const candidate = { ...setting, holdOutMse: losses[s]! };
      tried.push(candidate);
      if (!best || candidate.holdOutMse < best.holdOutMse * (1 - least)) best = candidate;
    });
    progress(`tuning ${steps} steps`, (rung + 1) / ladder.length);
  }
  const { holdOutMse, ...settings } = best!;
  return { settings, holdOutMse, tried };
}

function stepLadder({ steps, extendTo }: TuningOptions, nSamples: number): readonly number[] {
  const mostByPasses = (MAX_PASSES * nSamples) / batchSizeFor(nSamples);
  const most = Math.min(extendTo, mostByPasses);
  const largest = Math.max(...steps);
  return [...steps, ...STEP_LADDER.filter((rung) => rung > largest && rung <= most)];
}

/** The better half of each learning rate's settings at the rung before; the best to extend. */
function goingOn(
  tried: readonly TriedSettings[],
  steps: number,
  extending: boolean,
  { keepWithin = Number.POSITIVE_INFINITY }: TuningOptions,
): readonly NetSettings[] {
  const before = tried
    .filter((setting) => setting.steps === tried.at(-1)!.steps)
    .sort((a, b) => a.holdOutMse - b.holdOutMse);
  const rates = [...new Set(before.map(({ learningRate }) => learningRate))];
  const better = rates.flatMap((rate) => {
    const ofRate = before.filter(({ learningRate }) => learningRate === rate);
    const most = ofRate[0]!.holdOutMse * (1 + keepWithin);
    const half = ofRate.slice(0, Math.ceil(ofRate.length / 2));
    return half.filter(({ holdOutMse }, rank) => rank === 0 || holdOutMse <= most);
  });
  return (extending ? before.slice(0, 1) : better).map(({ learningRate, weightDecay }) => ({
    steps,
    learningRate,
    weightDecay,
  }));
}

function settingsAt(steps: number, options: TuningOptions): readonly NetSettings[] {
  return options.learningRates.flatMap((learningRate) =>
    options.weightDecays.map((weightDecay) => ({ steps, learningRate, weightDecay })),
  );
}

interface HoldOut {
  readonly train: Samples;
  readonly test: Samples;
}

interface Tried {
  readonly shape: NetShape;
  readonly settings: readonly NetSettings[];
  readonly seed: number;
}

/** Mean hold-out loss of each setting. The seed of a net does not depend on its setting. */
async function holdOutLosses(
  holdOuts: readonly HoldOut[],
  { shape, settings, seed }: Tried,
  executor: Executor,
): Promise<readonly number[]> {
  const byHoldOut = await inLanes(holdOuts, holdOuts.length, async ({ train, test }, h) => {
    const netSeed = childSeed(seed, `tuning net ${h}`);
    const tasks = settings.map((setting) => freshNetTask(train, shape, setting, netSeed));
    const trained = await executor.train(train.X, tasks);
    const range = targetRange(train.y);
    return trained.map(({ net }) => netLoss(executor.engine, net, test, range));
  });
  return settings.map((_, s) => mean(byHoldOut.map((losses) => losses[s]!)));
}

/** Mean squared error of clipped predictions; infinite if the net diverged. */
export function netLoss(engine: Engine, net: Net, { X, y }: Samples, range: Range): number {
  if (!isFiniteNet(net)) return Number.POSITIVE_INFINITY;
  const predictions = engine.predict(net, X);
  return mean(Float64Array.from(predictions, (value, i) => (clip(value, range) - y[i]!) ** 2));
}
