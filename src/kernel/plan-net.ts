/**
 * Where every part of a net lies in the kernel's memory, from address 0: the structs, the padded
 * parameters, what training adds (gradients, moments, transposed weights, deltas) and the tiles.
 *
 * The canonical parameters are unpadded, layer by layer, weights [input][output] then biases.
 * Here a row of weights is padded to 8 floats, unless it is a single float, and the matrix has as
 * many rows as its padded input: 4 for the rows of X, 8 for hidden layers.
 */
import { checkInteger } from "../shared/errors.ts";
import {
  type KernelActivation,
  type KernelLoss,
  LAYER_WORDS,
  NET_WORDS,
  TILE_ROWS,
} from "./structs.ts";

/** The widest layer, and the most layers of weights. */
const MAX_KERNEL_WIDTH = 4096;
const MAX_KERNEL_LAYERS = 16;

export interface KernelShape {
  /** Widths from input to output. */
  readonly sizes: readonly number[];
  readonly activation: KernelActivation;
}

/** Offsets in bytes; 0 where there is none. */
export interface LayerPlan {
  readonly inputs: number;
  readonly outputs: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Offset of the weights, biases and their end in each of the four parameter arrays. */
  readonly weights: number;
  readonly biases: number;
  readonly end: number;
  readonly transposed: number;
  readonly inputTile: number;
  readonly outputTile: number;
  readonly deltaTile: number;
  readonly slopeTile: number;
}

/** An array that has the layout of the parameters. */
export type ParameterArray = "parameters" | "gradients" | "first" | "second";

export interface NetPlan {
  readonly layers: readonly LayerPlan[];
  /** Offsets of the four arrays; all but `parameters` are 0 without training. */
  readonly arrays: Readonly<Record<ParameterArray, number>>;
  readonly parameterBytes: number;
  readonly bytes: number;
}

/** @throws INVALID_OPTION if a width or the number of layers is beyond its limit. */
export function planNet(shape: KernelShape, use: KernelLoss | "prediction"): NetPlan {
  checkKernelShape(shape);
  const training = use !== "prediction";
  const { take, taken } = offsets();
  take((NET_WORDS + LAYER_WORDS * (shape.sizes.length - 1)) * 4);
  const padded = paddedLayers(shape.sizes, use);
  const parameterBytes = padded.at(-1)!.end;
  const arrays = {
    parameters: take(parameterBytes),
    gradients: training ? take(parameterBytes) : 0,
    first: training ? take(parameterBytes) : 0,
    second: training ? take(parameterBytes) : 0,
  };
  let inputTile = take(TILE_ROWS * padded[0]!.inputBytes);
  const layers = padded.map((layer, l): LayerPlan => {
    const { inputBytes, outputBytes } = layer;
    const tile = TILE_ROWS * outputBytes;
    const isHidden = l < padded.length - 1;
    const transposes = training && l > 0;
    const plan = {
      ...layer,
      transposed: transposes ? take((outputBytes * inputBytes) / 4) : 0,
      inputTile,
      outputTile: take(tile),
      deltaTile: training ? take(tile) : 0,
      slopeTile: isHidden && shape.activation === "silu" ? take(tile) : 0,
    };
    inputTile = plan.outputTile;
    return plan;
  });
  return { layers, arrays, parameterBytes, bytes: taken() };
}

function checkKernelShape({ sizes }: KernelShape): void {
  checkInteger("layers", sizes.length - 1, 1, MAX_KERNEL_LAYERS);
  for (const size of sizes) checkInteger("layer width", size, 1, MAX_KERNEL_WIDTH);
}

type PaddedLayer = Pick<
  LayerPlan,
  "inputs" | "outputs" | "inputBytes" | "outputBytes" | "weights" | "biases" | "end"
>;

function paddedLayers(
  sizes: readonly number[],
  use: KernelLoss | "prediction",
): readonly PaddedLayer[] {
  let weights = 0;
  let inputBytes = 4 * roundUp(sizes[0]!, 4);
  return sizes.slice(1).map((outputs, l) => {
    // Cross-entropy of one output is legal and useless: its softmax needs whole vectors.
    const isSingle = l === sizes.length - 2 && outputs === 1 && use !== "cross-entropy";
    const outputBytes = 4 * (isSingle ? 1 : roundUp(outputs, 8));
    const biases = weights + (inputBytes / 4) * outputBytes;
    const end = biases + roundUp(outputBytes, 16);
    const layer = { inputs: sizes[l]!, outputs, inputBytes, outputBytes, weights, biases, end };
    weights = end;
    inputBytes = outputBytes;
    return layer;
  });
}

/** Hands out consecutive offsets, a cache line apart at least. */
function offsets(): { readonly take: (bytes: number) => number; readonly taken: () => number } {
  let next = 0;
  return {
    take: (bytes) => {
      const offset = next;
      next += roundUp(bytes, 64);
      return offset;
    },
    taken: () => next,
  };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
