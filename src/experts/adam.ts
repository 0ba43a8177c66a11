/**
 * One step of Adam with decoupled weight decay, as engine.ts states it, in 64-bit arithmetic.
 *
 * Source: Kingma & Ba 2015 (Adam), Loshchilov & Hutter 2019 (decoupled decay), Pascanu et al.
 * 2013 (clipping by global norm).
 */
import type { TrainOptions } from "./engine.ts";
import { layerOffsets, type NetShape } from "./net.ts";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;
/** The cosine schedule ends at this share of the full learning rate, not at 0. */
const FINAL_SHARE = 0.002;

export interface AdamState {
  readonly parameters: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  step: number;
}

/** The learning rate of step s = 0, 1, … of a task. */
export function learningRateAt(options: TrainOptions, s: number): number {
  const warmup = Math.min(1, (s + 1) / Math.max(1, options.warmupSteps));
  if (options.schedule === "constant") return options.learningRate * warmup;
  const cosine = 0.5 * (1 + Math.cos((Math.PI * s) / options.steps)) + FINAL_SHARE;
  return options.learningRate * warmup * cosine;
}

/** Scales `gradient` down so that its Euclidean norm is at most `most`. Modifies `gradient`. */
export function clipGradient(gradient: Float64Array, most: number): void {
  let squares = 0;
  for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  if (norm <= most) return;
  for (let p = 0; p < gradient.length; p++) gradient[p]! *= most / norm;
}

/** How far a step moves. */
export interface StepSize {
  readonly learningRate: number;
  readonly weightDecay: number;
}

/** Moves a net's parameters against `gradient`; weights decay, biases not. Modifies `state`. */
export function adamStep(
  state: AdamState,
  shape: NetShape,
  gradient: Float64Array,
  size: StepSize,
): void {
  state.step += 1;
  for (const layer of layerOffsets(shape.sizes)) {
    const end = layer.biases + layer.outputs;
    moveRange(state, gradient, [layer.weights, layer.biases], size);
    moveRange(state, gradient, [layer.biases, end], { ...size, weightDecay: 0 });
  }
}

/** Moves all parameters against `gradient`, whatever they belong to. Modifies `state`. */
export function adamMove(state: AdamState, gradient: Float64Array, size: StepSize): void {
  state.step += 1;
  moveRange(state, gradient, [0, gradient.length], size);
}

function moveRange(
  { parameters, first, second, step }: AdamState,
  gradient: Float64Array,
  [from, to]: readonly [from: number, to: number],
  { learningRate, weightDecay }: StepSize,
): void {
  const correction1 = 1 - BETA_1 ** step;
  const correction2 = 1 - BETA_2 ** step;
  for (let p = from; p < to; p++) {
    const g = gradient[p]!;
    first[p] = BETA_1 * first[p]! + (1 - BETA_1) * g;
    second[p] = BETA_2 * second[p]! + (1 - BETA_2) * g * g;
    const move = first[p]! / correction1 / (Math.sqrt(second[p]! / correction2) + EPSILON);
    parameters[p]! -= learningRate * (move + weightDecay * parameters[p]!);
  }
}
