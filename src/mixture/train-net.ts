/** Training tasks of plain regression nets, as the base net, its tuning and the baselines use. */
import {
  initNet,
  isFiniteNet,
  type Moments,
  type Net,
  type NetShape,
  type Samples,
  type TrainOptions,
  type TrainTask,
} from "../experts/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { childSeed, createRng } from "../shared/rng.ts";
import type { Executor } from "./executor.ts";
import { batchSizeFor } from "./options.ts";
import { allRows } from "./samples.ts";

/** The settings of a net's training that tuning chooses. */
export interface NetSettings {
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
}

export const WARMUP_STEPS = 50;
export const CLIP_NORM = 5;
/** Rows of less weight are not visited. */
const MIN_ROW_WEIGHT = 0.02;

/** The shape of a regression net for these inputs. */
export function regressionShape(
  nFeatures: number,
  { hidden, activation }: { hidden: readonly number[]; activation: NetShape["activation"] },
): NetShape {
  return { sizes: [nFeatures, ...hidden, 1], activation };
}

/** A net from scratch on all samples. */
export function freshNetTask(
  samples: Samples,
  shape: NetShape,
  settings: NetSettings,
  seed: number,
): TrainTask {
  const net = initNet(shape, createRng(childSeed(seed, "parameters")));
  return regressionTask(samples, net, cosine(settings, childSeed(seed, "rows")));
}

/** A net that diverged is trained again, this much slower. */
const SLOWER = 0.25;

/**
 * One net per task; a net that diverges is trained again from its start, at a lower rate.
 *
 * @param tasksAt - The tasks with learning rates multiplied by `pace`.
 * @returns The nets, and the number that were trained again.
 * @throws EXPERT_DIVERGED if a net diverges slower too.
 */
export async function trainNets(
  samples: Samples,
  tasksAt: (pace: number) => readonly TrainTask[],
  executor: Executor,
): Promise<{ readonly nets: readonly Net[]; readonly nAgain: number }> {
  const nets = (await executor.train(samples.X, tasksAt(1))).map(({ net }) => net);
  const lost = [...nets.keys()].filter((e) => !isFiniteNet(nets[e]!));
  if (lost.length === 0) return { nets, nAgain: 0 };
  const tasks = tasksAt(SLOWER);
  const again = await executor.train(
    samples.X,
    lost.map((e) => tasks[e]!),
  );
  lost.forEach((e, place) => {
    nets[e] = finite(again[place]!.net);
  });
  return { nets, nAgain: lost.length };
}

function finite(net: Net): Net {
  if (isFiniteNet(net)) return net;
  const message = "a net must end with finite parameters, also at a low learning rate, it does not";
  throw new BailiwickError("EXPERT_DIVERGED", message);
}

/** Cosine schedule with warm-up; the batch size follows from the rows that are visited. */
export function cosine(settings: NetSettings, seed: number): RegressionSchedule {
  return { ...settings, schedule: "cosine", warmupSteps: WARMUP_STEPS, seed };
}

export type RegressionSchedule = Omit<TrainOptions, "batchSize" | "clipNorm">;

/**
 * A net trained on weighted samples by squared error. Rows of little weight are skipped and the
 * others' weights scaled to a mean of 1, so that a learning rate means the same for every expert.
 */
export function regressionTask(
  samples: Samples,
  net: Net,
  schedule: RegressionSchedule,
  moments?: Moments,
): TrainTask {
  const rows = visitedRows(samples);
  return {
    net,
    ...(moments === undefined ? {} : { moments }),
    loss: "squared-error",
    targets: samples.y,
    rows,
    weights: samples.weights === null ? null : scaledWeights(samples.weights, rows),
    options: { ...schedule, batchSize: batchSizeFor(rows.length), clipNorm: CLIP_NORM },
  };
}

function visitedRows({ y, weights }: Samples): Int32Array {
  const rows = allRows(y.length);
  return weights === null ? rows : rows.filter((i) => weights[i]! > MIN_ROW_WEIGHT);
}

function scaledWeights(weights: Float32Array, rows: Int32Array): Float32Array {
  let total = 0;
  for (const i of rows) total += weights[i]!;
  const scale = rows.length / total;
  return weights.map((weight) => weight * scale);
}
