/** An average of plain nets: the fair rival of a mixture of equal training cost. */
import {
  type Engine,
  type Net,
  type NetShape,
  type Samples,
  type TrainTask,
  trainCost,
} from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { childSeed } from "../shared/rng.ts";
import type { Executor } from "./executor.ts";
import { clip, type Range } from "./samples.ts";
import { freshNetTask, type NetSettings, trainNets } from "./train-net.ts";

/** No ensemble of equal cost has more members than this. */
export const MAX_ENSEMBLE = 20;

export interface Ensemble {
  readonly nets: readonly Net[];
  /** Multiply-adds spent on one net. */
  readonly costOfNet: number;
}

/**
 * Nets from different random starts, trained alike on all samples.
 *
 * @param size - At least 1.
 * @throws as `trainNets`.
 */
export async function trainEnsemble(
  samples: Samples,
  { shape, settings, size }: { shape: NetShape; settings: NetSettings; size: number },
  seed: number,
  executor: Executor,
): Promise<Ensemble> {
  const tasksAt = (pace: number): readonly TrainTask[] => {
    const slower = { ...settings, learningRate: pace * settings.learningRate };
    return Array.from({ length: size }, (_, m) =>
      freshNetTask(samples, shape, slower, childSeed(seed, `ensemble ${m}`)),
    );
  };
  const { nets } = await trainNets(samples, tasksAt, executor);
  return { nets, costOfNet: trainCost(tasksAt(1)[0]!) };
}

/** Mean of the members' clipped answers, in standardised units. Shape (nRows,). */
export function predictEnsemble(
  engine: Engine,
  nets: readonly Net[],
  X: Matrix,
  range: Range,
): Float64Array {
  const values = new Float64Array(X.nRows);
  for (const net of nets) {
    const answers = engine.predict(net, X);
    for (let i = 0; i < values.length; i++) values[i]! += clip(answers[i]!, range) / nets.length;
  }
  return values;
}

/** The number of nets that cost as much as the mixture: at least 1, at most MAX_ENSEMBLE. */
export function equalCostSize(mixtureCost: number, netCost: number): number {
  return Math.min(MAX_ENSEMBLE, Math.max(1, Math.round(mixtureCost / netCost)));
}

/**
 * Squared errors that an ensemble of `size` such nets would have, from a few of them: averaging M
 * nets leaves a share 1/M of their variance (ambiguity decomposition, Krogh & Vedelsby 1995), so
 * the error of more nets follows without bias from the members' spread on each row. A single row's
 * can be below 0.
 *
 * @param answers - Clipped answers of each net. Each of shape (y.length,).
 * @returns Shape (y.length,).
 */
export function ensembleErrors(
  answers: readonly Float64Array[],
  y: Float32Array,
  size: number,
): Float64Array {
  const nNets = answers.length;
  const excess = 1 / nNets - 1 / Math.max(size, nNets);
  return Float64Array.from(y, (target, i) => {
    const average = mean(answers.map((values) => values[i]!));
    const squares = answers.reduce((sum, values) => sum + (values[i]! - average) ** 2, 0);
    return (average - target) ** 2 - (excess * squares) / Math.max(1, nNets - 1);
  });
}
