/**
 * A multilayer perceptron as data: its shape and one flat array of parameters.
 *
 * Layout: layer by layer, first the weights [input][output] row-major, then the biases. The
 * output layer is linear. Parameters are 32-bit: what is trained is what is stored.
 */
import { checkInteger, checkLength } from "../shared/errors.ts";
import type { Rng } from "../shared/rng.ts";

export type Activation = "tanh" | "relu" | "silu";

export interface NetShape {
  /** Widths from input to output, for example [8, 32, 32, 1]: at least one hidden layer or none. */
  readonly sizes: readonly number[];
  readonly activation: Activation;
}

export interface Net extends NetShape {
  /** Shape (countParameters(sizes),). */
  readonly parameters: Float32Array;
}

/** The widest layer that any engine accepts. */
export const MAX_LAYER_WIDTH = 4096;
/** The most layers of weights that any engine accepts. */
export const MAX_LAYERS = 16;

/** Where layer l keeps its weights and biases in the flat array. */
export interface LayerOffsets {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: number;
  readonly biases: number;
}

export function layerOffsets(sizes: readonly number[]): readonly LayerOffsets[] {
  let offset = 0;
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l]!;
    const weights = offset;
    const biases = weights + inputs * outputs;
    offset = biases + outputs;
    return { inputs, outputs, weights, biases };
  });
}

export function countParameters(sizes: readonly number[]): number {
  const last = layerOffsets(sizes).at(-1);
  return last === undefined ? 0 : last.biases + last.outputs;
}

/** @throws INVALID_OPTION unless every width and the number of layers is within its limit. */
export function checkShape(shape: NetShape): void {
  checkInteger("layers", shape.sizes.length - 1, 1, MAX_LAYERS);
  for (const size of shape.sizes) checkInteger("layer width", size, 1, MAX_LAYER_WIDTH);
}

/** @throws INVALID_OPTION or SHAPE_MISMATCH if the shape or the parameter count is wrong. */
export function checkNet(net: Net): void {
  checkShape(net);
  checkLength("parameters.length", net.parameters.length, countParameters(net.sizes));
}

/**
 * Fresh parameters: normal weights of s.d. √(1.5/d) in the first layer, √(1.7/h) in the hidden
 * ones and `outputScale`·√(1/h) in the last; first biases of s.d. 0.5 so that the units' kinks
 * are spread over the data, other biases 0. Source: ours, measured against Glorot & Bengio 2010.
 */
export function initNet(shape: NetShape, rng: Rng, outputScale = 1): Net {
  checkShape(shape);
  const layers = layerOffsets(shape.sizes);
  const parameters = new Float32Array(countParameters(shape.sizes));
  layers.forEach((layer, l) => {
    const last = l === layers.length - 1;
    const gain = last ? outputScale ** 2 : l === 0 ? 1.5 : 1.7;
    const scale = Math.sqrt(gain / layer.inputs);
    for (let p = layer.weights; p < layer.biases; p++) parameters[p] = scale * rng.normal();
    if (l === 0 && !last) {
      for (let o = 0; o < layer.outputs; o++) parameters[layer.biases + o] = 0.5 * rng.normal();
    }
  });
  return { ...shape, parameters };
}

/** A copy of the net with only the given outputs, in the given order. */
export function keepOutputs(net: Net, outputs: readonly number[]): Net {
  const sizes = [...net.sizes.slice(0, -1), outputs.length];
  const last = layerOffsets(net.sizes).at(-1)!;
  const parameters = new Float32Array(countParameters(sizes));
  parameters.set(net.parameters.subarray(0, last.weights));
  for (let j = 0; j < last.inputs; j++) {
    outputs.forEach((o, place) => {
      const from = last.weights + j * last.outputs + o;
      parameters[last.weights + j * outputs.length + place] = net.parameters[from]!;
    });
  }
  const biases = last.weights + last.inputs * outputs.length;
  outputs.forEach((o, place) => {
    parameters[biases + place] = net.parameters[last.biases + o]!;
  });
  return { ...net, sizes, parameters };
}

/** True if every parameter is a finite number. */
export function isFiniteNet(net: Net): boolean {
  return net.parameters.every(Number.isFinite);
}
