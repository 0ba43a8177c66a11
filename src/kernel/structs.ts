/**
 * The kernel's structs as words of 32 bits: the host's side of assembly/structs.ts. Field order
 * must agree with it.
 */
import type { Arena } from "./arena.ts";

export const NET_WORDS = 10;
export const LAYER_WORDS = 12;
export const BATCH_WORDS = 6;
export const STEP_WORDS = 4;

/** One unit of a tile, which is 32 rows that go through a net together. */
export const STRIP_BYTES = 128;

export type KernelActivation = "tanh" | "relu" | "silu";
/** `external`: the targets are the derivatives of the loss by the outputs. */
export type KernelLoss = "squared-error" | "cross-entropy" | "external";

export const ACTIVATION_CODES: Readonly<Record<KernelActivation, number>> = {
  tanh: 0,
  relu: 1,
  silu: 2,
};
export const LOSS_CODES: Readonly<Record<KernelLoss, number>> = {
  "squared-error": 0,
  "cross-entropy": 1,
  external: 2,
};

/** Addresses of a call's arrays; 0 for a missing array. */
export interface Batch {
  readonly X: number;
  readonly rows: number;
  readonly nRows: number;
  readonly targets: number;
  readonly weights: number;
  readonly outputs: number;
}

/** Modifies the memory at `address`. */
export function writeBatch(arena: Arena, address: number, batch: Batch): void {
  const words = arena.words();
  const w = address / 4;
  words[w] = batch.X;
  words[w + 1] = batch.rows;
  words[w + 2] = batch.nRows;
  words[w + 3] = batch.targets;
  words[w + 4] = batch.weights;
  words[w + 5] = batch.outputs;
}

/** The values of one step of Adam. */
export interface StepRates {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** This step's number from the first the moments have seen: 1, 2, … */
  readonly count: number;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;

/** Modifies the memory at `address`. */
export function writeStep(arena: Arena, address: number, step: StepRates): void {
  const { learningRate, weightDecay, clipNorm, count } = step;
  const floats = arena.floats();
  const w = address / 4;
  floats[w] = learningRate / (1 - BETA_1 ** count);
  floats[w + 1] = 1 / Math.sqrt(1 - BETA_2 ** count);
  floats[w + 2] = learningRate * weightDecay;
  floats[w + 3] = clipNorm;
}
