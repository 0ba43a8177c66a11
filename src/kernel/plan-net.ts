/**
 * The layout of a net in the kernel's memory, from address 0: the structs, the padded parameters,
 * the arrays of training (gradients, moments, transposed weights, deltas) and the tiles.
 *
 * The canonical parameters are unpadded, layer by layer, weights [input][output] then biases.
 * Here a layer's units are padded to 4, unless it is a single output, and the inputs of the first
 * layer to 2. A weight matrix has a row for every unit below, padding included.
 */
import { checkInteger } from "../shared/errors.ts";
import {
  type KernelActivation,
  type KernelLoss,
  LAYER_WORDS,
  NET_WORDS,
  STRIP_BYTES,
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
  /** With padding. */
  readonly inputUnits: number;
  readonly outputUnits: number;
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
  /** Offset of what each row of a tile counts in the loss. */
  readonly scales: number;
  readonly bytes: number;
}

/** @throws INVALID_OPTION if a width or the number of layers is beyond its limit. */
export function planNet(shape: KernelShape, use: KernelLoss | "prediction"): NetPlan {
  checkKernelShape(shape);
  const training = use !== "prediction";
  const { take, taken } = offsets();
  take((NET_WORDS + LAYER_WORDS * (shape.sizes.length - 1)) * 4);
  const padded = paddedLayers(shape.sizes);
  const parameterBytes = padded.at(-1)!.end;
  const arrays = {
    parameters: take(parameterBytes),
    gradients: training ? take(parameterBytes) : 0,
    first: training ? take(parameterBytes) : 0,
    second: training ? take(parameterBytes) : 0,
  };
  const scales = training ? take(STRIP_BYTES) : 0;
  let inputTile = take(STRIP_BYTES * padded[0]!.inputUnits);
  const layers = padded.map((layer, l): LayerPlan => {
    const { inputUnits, outputUnits } = layer;
    const tile = STRIP_BYTES * outputUnits;
    const isHidden = l < padded.length - 1;
    const transposes = training && l > 0;
    const plan = {
      ...layer,
      transposed: transposes ? take(4 * outputUnits * inputUnits) : 0,
      inputTile,
      outputTile: take(tile),
      deltaTile: training ? take(tile) : 0,
      slopeTile: isHidden && shape.activation === "silu" ? take(tile) : 0,
    };
    inputTile = plan.outputTile;
    return plan;
  });
  return { layers, arrays, parameterBytes, scales, bytes: taken() };
}

function checkKernelShape({ sizes }: KernelShape): void {
  checkInteger("layers", sizes.length - 1, 1, MAX_KERNEL_LAYERS);
  for (const size of sizes) checkInteger("layer width", size, 1, MAX_KERNEL_WIDTH);
}

type PaddedLayer = Pick<
  LayerPlan,
  "inputs" | "outputs" | "inputUnits" | "outputUnits" | "weights" | "biases" | "end"
>;

function paddedLayers(sizes: readonly number[]): readonly PaddedLayer[] {
  let weights = 0;
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l]!;
    const isSingle = l === sizes.length - 2 && outputs === 1;
    // A single output takes its inputs four at a time, all other layers two.
    const inputUnits = roundUp(inputs, l === 0 && !isSingle ? 2 : 4);
    const outputUnits = isSingle ? 1 : roundUp(outputs, 4);
    const biases = weights + 4 * inputUnits * outputUnits;
    const end = biases + roundUp(4 * outputUnits, 16);
    const layer = { inputs, outputs, inputUnits, outputUnits, weights, biases, end };
    weights = end;
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
