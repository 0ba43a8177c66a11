/**
 * The formulas of engine.ts as tensor operations, for K nets of one shape at once.
 *
 * Expert k is entry k of every tensor's leading axis, and no operation mixes two of them: what a
 * net becomes does not depend on its neighbours. Parameters, gradients and moments are one flat
 * tensor each, shape (K, nParameters), every row laid out as in net.ts; activations have shape
 * (K, nRows, width). Nothing here disposes what it makes: call it inside `tf.tidy`.
 */
import type { Loss } from "./engine.ts";
import { type Activation, layerOffsets, type NetShape } from "./net.ts";
import type { Tensor, Tf } from "./tfjs-backend.ts";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

interface Layer {
  /** Shape (K, inputs, outputs). */
  readonly weights: Tensor;
  /** Shape (K, 1, outputs). */
  readonly biases: Tensor;
}

interface Pass {
  readonly layers: readonly Layer[];
  /** What goes into layer l; `inputs[0]` the rows themselves. */
  readonly inputs: readonly Tensor[];
  /** Input sums of layer l's units; the last are the nets' outputs. */
  readonly sums: readonly Tensor[];
}

/** Rows of K batches. */
export interface Batch {
  /** Shape (K, batchSize, nInputs). */
  readonly x: Tensor;
  /** Shape (K, batchSize, nOutputs). */
  readonly targets: Tensor;
  /** Weight of each row, shape (K, batchSize, 1). */
  readonly weights: Tensor;
}

export interface AdamTensors {
  readonly parameters: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** What differs from expert to expert in a step: each of shape (K, 1). */
export interface StepRates {
  readonly learningRate: Tensor;
  /** 1 − β₁ᵗ and 1 − β₂ᵗ, t the steps taken with this one. */
  readonly correction1: Tensor;
  readonly correction2: Tensor;
}

/** Outputs of K nets, shape (K, nRows, nOutputs), for rows of shape (K, nRows, nInputs). */
export function forward(tf: Tf, shape: NetShape, parameters: Tensor, x: Tensor): Tensor {
  return passForward(tf, shape, parameters, x).sums.at(-1)!;
}

function passForward(tf: Tf, shape: NetShape, parameters: Tensor, x: Tensor): Pass {
  const layers = splitLayers(tf, shape.sizes, parameters);
  const inputs = [x];
  const sums: Tensor[] = [];
  layers.forEach(({ weights, biases }, l) => {
    if (l > 0) inputs.push(activate(tf, shape.activation, sums[l - 1]!));
    sums.push(tf.add(tf.matMul(inputs[l]!, weights), biases));
  });
  return { layers, inputs, sums };
}

function splitLayers(tf: Tf, sizes: readonly number[], parameters: Tensor): Layer[] {
  const nNets = parameters.shape[0]!;
  return layerOffsets(sizes).map(({ inputs, outputs, weights, biases }) => {
    const flat = tf.slice(parameters, [0, weights], [nNets, inputs * outputs]);
    const bias = tf.slice(parameters, [0, biases], [nNets, outputs]);
    return {
      weights: tf.reshape(flat, [nNets, inputs, outputs]),
      biases: tf.reshape(bias, [nNets, 1, outputs]),
    };
  });
}

function activate(tf: Tf, activation: Activation, sums: Tensor): Tensor {
  if (activation === "tanh") return tf.tanh(sums);
  if (activation === "relu") return tf.relu(sums);
  return tf.mul(sums, tf.sigmoid(sums));
}

/** Derivative of the activation, given the input sums and what they became. */
function slope(tf: Tf, activation: Activation, sums: Tensor, activated: Tensor): Tensor {
  if (activation === "tanh") return tf.sub(1, tf.square(activated));
  if (activation === "relu") return tf.step(sums);
  const sigmoid = tf.sigmoid(sums);
  return tf.mul(sigmoid, tf.add(1, tf.mul(sums, tf.sub(1, sigmoid))));
}

/**
 * Of one output exactly 1: a rounding error of a library's softmax would be a gradient, and Adam
 * makes a whole step of any gradient, however small.
 */
function probabilities(tf: Tf, outputs: Tensor): Tensor {
  return outputs.shape.at(-1) === 1 ? tf.add(tf.mul(outputs, 0), 1) : tf.softmax(outputs);
}

/** Gradient of each net's mean loss over its batch, shape (K, nParameters). */
export function batchGradient(
  tf: Tf,
  task: { readonly net: NetShape; readonly loss: Loss },
  parameters: Tensor,
  { x, targets, weights }: Batch,
): Tensor {
  const { layers, inputs, sums } = passForward(tf, task.net, parameters, x);
  const [nNets, batchSize] = x.shape as [number, number];
  const outputs = sums.at(-1)!;
  const answers = task.loss === "squared-error" ? outputs : probabilities(tf, outputs);
  let delta = tf.mul(tf.sub(answers, targets), tf.div(weights, batchSize));
  const parts: Tensor[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const byWeights = tf.matMul(inputs[l]!, delta, true, false);
    parts.unshift(tf.reshape(byWeights, [nNets, -1]), tf.sum(delta, 1));
    if (l > 0) {
      const below = tf.matMul(delta, layers[l]!.weights, false, true);
      delta = tf.mul(below, slope(tf, task.net.activation, sums[l - 1]!, inputs[l]!));
    }
  }
  return tf.concat(parts, 1);
}

/** The gradients, each net's scaled so that its norm is at most its entry of `most` (K, 1). */
export function clipGradient(tf: Tf, gradient: Tensor, most: Tensor): Tensor {
  const norm = tf.sqrt(tf.sum(tf.square(gradient), 1, true));
  return tf.mul(gradient, tf.minimum(tf.div(most, norm), 1));
}

/** The state after a step of Adam. @param decay - Per parameter, shape (K, nParameters). */
export function adamStep(
  tf: Tf,
  state: AdamTensors,
  gradient: Tensor,
  { learningRate, correction1, correction2, decay }: StepRates & { readonly decay: Tensor },
): AdamTensors {
  const first = tf.add(tf.mul(state.first, BETA_1), tf.mul(gradient, 1 - BETA_1));
  const second = tf.add(tf.mul(state.second, BETA_2), tf.mul(tf.square(gradient), 1 - BETA_2));
  const root = tf.add(tf.sqrt(tf.div(second, correction2)), EPSILON);
  const move = tf.div(tf.div(first, correction1), root);
  const decayed = tf.add(move, tf.mul(decay, state.parameters));
  const parameters = tf.sub(state.parameters, tf.mul(learningRate, decayed));
  return { parameters, first, second };
}

/** 1 − β₁ᵗ and 1 − β₂ᵗ for the t-th step, counted from 1. */
export function biasCorrections(t: number): readonly [number, number] {
  return [1 - BETA_1 ** t, 1 - BETA_2 ** t];
}
