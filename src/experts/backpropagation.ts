/**
 * Forward and backward pass of a multilayer perceptron in plain 64-bit TypeScript.
 *
 * The readable statement of what every engine computes: one row at a time, no blocking, no
 * tricks. Activations of a row are kept layer by layer; `activations[0]` is the row.
 */
import type { Matrix } from "../shared/matrix.ts";
import type { Loss, TrainTask } from "./engine.ts";
import { type Activation, type LayerOffsets, layerOffsets, type NetShape } from "./net.ts";

/** Room for one row's pass through a net, reused from row to row. */
export interface Pass {
  readonly layers: readonly LayerOffsets[];
  /** Outputs of layer l after its activation, `activations[0]` the input. */
  readonly activations: readonly Float64Array[];
  /** Derivative of each unit's activation at the current row. */
  readonly slopes: readonly Float64Array[];
  /** Derivative of the loss by each unit's input sum. */
  readonly deltas: readonly Float64Array[];
}

export function createPass(shape: NetShape): Pass {
  const room = (): Float64Array[] => shape.sizes.map((size) => new Float64Array(size));
  return {
    layers: layerOffsets(shape.sizes),
    activations: room(),
    slopes: room(),
    deltas: room(),
  };
}

/** The net's outputs for row i of X, as a view into `pass`. Modifies `pass`. */
export function forward(
  pass: Pass,
  activation: Activation,
  parameters: ArrayLike<number>,
  row: Float32Array,
): Float64Array {
  pass.activations[0]!.set(row);
  pass.layers.forEach((layer, l) => {
    const input = pass.activations[l]!;
    const output = pass.activations[l + 1]!;
    const isOutput = l === pass.layers.length - 1;
    for (let o = 0; o < layer.outputs; o++) {
      let sum = parameters[layer.biases + o]!;
      for (let j = 0; j < layer.inputs; j++) {
        sum += input[j]! * parameters[layer.weights + j * layer.outputs + o]!;
      }
      output[o] = isOutput ? sum : activate(activation, sum);
      pass.slopes[l + 1]![o] = isOutput ? 1 : slope(activation, sum);
    }
  });
  return pass.activations.at(-1)!;
}

/** A hidden unit's output for its input sum. */
export function activate(activation: Activation, sum: number): number {
  if (activation === "tanh") return Math.tanh(sum);
  if (activation === "relu") return Math.max(0, sum);
  return sum / (1 + Math.exp(-sum));
}

function slope(activation: Activation, sum: number): number {
  if (activation === "tanh") return 1 - Math.tanh(sum) ** 2;
  if (activation === "relu") return sum > 0 ? 1 : 0;
  const sigmoid = 1 / (1 + Math.exp(-sum));
  return sigmoid * (1 + sum * (1 - sigmoid));
}

/**
 * Adds the gradient of the current row to `gradient`, given the derivative of the loss by the
 * outputs in the last of `pass.deltas`. Modifies `pass` and `gradient`.
 */
export function backward(pass: Pass, parameters: ArrayLike<number>, gradient: Float64Array): void {
  for (let l = pass.layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, weights, biases } = pass.layers[l]!;
    const input = pass.activations[l]!;
    const delta = pass.deltas[l + 1]!;
    const below = pass.deltas[l]!;
    for (let o = 0; o < outputs; o++) gradient[biases + o]! += delta[o]!;
    for (let j = 0; j < inputs; j++) {
      let sum = 0;
      for (let o = 0; o < outputs; o++) {
        gradient[weights + j * outputs + o]! += input[j]! * delta[o]!;
        sum += parameters[weights + j * outputs + o]! * delta[o]!;
      }
      below[j] = sum * pass.slopes[l]![j]!;
    }
  }
}

/**
 * Mean loss of a batch and its gradient by every parameter, written to `gradient`.
 * Modifies `pass` and `gradient`.
 *
 * @param batch - Row numbers of X; a row may come more than once.
 */
export function batchGradient(
  pass: Pass,
  parameters: ArrayLike<number>,
  task: Pick<TrainTask, "net" | "loss" | "targets" | "weights">,
  batch: { readonly X: Matrix; readonly rows: Int32Array },
  gradient: Float64Array,
): number {
  gradient.fill(0);
  const { X, rows } = batch;
  const delta = pass.deltas.at(-1)!;
  let loss = 0;
  for (const i of rows) {
    const row = X.values.subarray(i * X.nColumns, (i + 1) * X.nColumns);
    const output = forward(pass, task.net.activation, parameters, row);
    const target = task.targets.subarray(i * output.length, (i + 1) * output.length);
    const weight = (task.weights === null ? 1 : task.weights[i]!) / rows.length;
    loss += weight * lossAndDelta(task.loss, output, target, delta);
    for (let o = 0; o < delta.length; o++) delta[o]! *= weight;
    backward(pass, parameters, gradient);
  }
  return loss;
}

/** The loss of one row; its derivative by each output goes to `delta`. Modifies `delta`. */
function lossAndDelta(
  loss: Loss,
  output: Float64Array,
  target: Float32Array,
  delta: Float64Array,
): number {
  let value = 0;
  if (loss === "squared-error") {
    for (let o = 0; o < output.length; o++) {
      delta[o] = output[o]! - target[o]!;
      value += 0.5 * delta[o]! ** 2;
    }
    return value;
  }
  const largest = Math.max(...output);
  let total = 0;
  for (const out of output) total += Math.exp(out - largest);
  const logTotal = largest + Math.log(total);
  for (let o = 0; o < output.length; o++) {
    value -= target[o]! * (output[o]! - logTotal);
    delta[o] = Math.exp(output[o]! - logTotal) - target[o]!;
  }
  return value;
}
