/**
 * The softmax gate: a small net whose outputs, through a softmax, are the scores of the experts.
 * Source: Jacobs, Jordan, Nowlan & Hinton 1991, equation 1.1; trained here on given
 * responsibilities by cross-entropy rather than on the mixture likelihood.
 */
import {
  initNet,
  type Moments,
  type Net,
  type NetPredictor,
  type TrainOptions,
  type TrainTask,
} from "../experts/index.ts";
import { exp } from "../shared/exp.ts";
import type { Matrix } from "../shared/matrix.ts";
import type { Rng } from "../shared/rng.ts";
import type { SoftmaxGate } from "./gate.ts";

/** A new gate net whose first scores are nearly equal, because its outputs start small. */
export function freshGateNet(
  sizes: { readonly nFeatures: number; readonly hidden: number; readonly nExperts: number },
  rng: Rng,
  outputScale: number,
): Net {
  const { nFeatures, hidden, nExperts } = sizes;
  const shape = { sizes: [nFeatures, hidden, hidden, nExperts], activation: "tanh" as const };
  return initNet(shape, rng, outputScale);
}

/**
 * The task that trains a gate net on the responsibilities of samples.
 *
 * @param responsibilities - Shape (nSamples, nExperts); rows sum to 1.
 * @param start - The net and, to continue its training, Adam's memory.
 */
export function gateTask(
  responsibilities: Float32Array,
  start: { readonly net: Net; readonly moments?: Moments },
  options: TrainOptions,
): TrainTask {
  const nSamples = responsibilities.length / start.net.sizes.at(-1)!;
  return {
    ...start,
    loss: "cross-entropy",
    targets: responsibilities,
    rows: Int32Array.from({ length: nSamples }, (_, i) => i),
    weights: null,
    options,
  };
}

/** Scores of every expert for every row, shape (nRows, nExperts); rows sum to 1. */
export function softmaxScores(engine: NetPredictor, gate: SoftmaxGate, X: Matrix): Float64Array {
  const outputs = engine.predict(gate.net, X);
  const nExperts = gate.net.sizes.at(-1)!;
  const scores = new Float64Array(outputs.length);
  const least = gate.truncation ?? 0;
  for (let i = 0; i < X.nRows; i++) {
    softmaxInto(outputs, { start: i * nExperts, count: nExperts, least }, scores);
  }
  return scores;
}

/** Scores the only row of `X`, as `softmaxScores` would, into an array that is used again. */
export function createSoftmaxScorer(
  engine: NetPredictor,
  { net, truncation: least = 0 }: SoftmaxGate,
  X: Matrix,
): () => Float64Array {
  const count = net.sizes.at(-1)!;
  const outputs = new Float32Array(count);
  const scores = new Float64Array(count);
  const row = { start: 0, count, least };
  return () => {
    softmaxInto(engine.predict(net, X, outputs), row, scores);
    return scores;
  };
}

/**
 * Softmax of `count` values from `start`, to the same places of `out`; those below `least` of the
 * largest are 0, and the others are what they would be without those. Modifies `out`.
 */
export function softmaxInto(
  values: ArrayLike<number>,
  { start, count, least }: { start: number; count: number; least: number },
  out: Float64Array,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = start; k < start + count; k++) largest = Math.max(largest, values[k]!);
  let total = 0;
  for (let k = start; k < start + count; k++) {
    const share = exp(values[k]! - largest);
    out[k] = share < least ? 0 : share;
    total += out[k]!;
  }
  for (let k = start; k < start + count; k++) out[k]! /= total;
}
