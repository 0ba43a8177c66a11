/**
 * The laws of the search, which are independent of the final experts: small nets with strong weight
 * decay, or lines. A regime is a set of rows with one simple law, and a net that could bend around
 * a jump would leave nothing to partition. Figures: docs/method.md.
 */
import { initNet, isFiniteNet, type Moments, type Net } from "../../experts/index.ts";
import type { Rng } from "../../shared/rng.ts";
import { batchSizeFor } from "../options.ts";
import { CLIP_NORM } from "../train-net.ts";

/** Hidden layers of either kind. */
export const LAWS = { lines: [], nets: [16, 16] } as const;
export type Laws = keyof typeof LAWS;

export const LAW_WEIGHT_DECAY = 0.1;
export const LAW_LEARNING_RATE = 1e-2;
const INIT_SCALE = 0.5;
/** Most rows that the batch size is computed from. */
const MAX_BATCH_ROWS = 2000;

/** A net in training. */
export interface Learner {
  readonly net: Net;
  readonly moments?: Moments;
}

/** A law before training. */
export function freshLaw(nInputs: number, laws: Laws, rng: Rng): Learner {
  const shape = { sizes: [nInputs, ...LAWS[laws], 1], activation: "tanh" as const };
  return { net: initNet(shape, rng, INIT_SCALE) };
}

/** A net that diverged stays where it was. */
export function finiteOr(old: Learner, next: Learner): Learner {
  return isFiniteNet(next.net) ? next : old;
}

/** Training settings that all laws and gates of a search share. */
export function gentle(rows: Int32Array): {
  batchSize: number;
  warmupSteps: number;
  clipNorm: number;
} {
  const batchSize = batchSizeFor(Math.min(rows.length, MAX_BATCH_ROWS));
  return { batchSize, warmupSteps: 0, clipNorm: CLIP_NORM };
}
