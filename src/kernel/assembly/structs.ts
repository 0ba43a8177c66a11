/**
 * What the host lays out in memory for the kernel to read. The host's side is ../plan-net.ts,
 * ../place-net.ts and ../structs.ts: fields, order and units must agree.
 *
 * Everything is 4 bytes wide, so that a struct is an array of 32-bit words to the host. Addresses
 * and byte counts are `usize`. Nothing is allocated, static or global here: any number of threads
 * may run this code over one shared memory, each with structs of its own.
 *
 * Numbers are 32-bit floats, row-major. Rows of hidden layers and of weights are padded to a
 * multiple of 8 floats, input rows to 4, a single output not at all; padding holds zeros, and
 * every operation keeps it at zero.
 */

/** Rows that go through the net together. They accumulate into one gradient. */
export const TILE_ROWS: i32 = 32;

/** Activation of the hidden layers. */
export const TANH: i32 = 0;
export const RELU: i32 = 1;
export const SILU: i32 = 2;

/** What the targets are: values, probabilities, or the loss's derivatives by the outputs. */
export const SQUARED_ERROR: i32 = 0;
export const CROSS_ENTROPY: i32 = 1;
export const EXTERNAL: i32 = 2;

/** One layer of weights. Tiles are TILE_ROWS rows. */
@unmanaged export class Layer {
  inputs: i32;
  /** One padded row of inputs. The weight matrix has as many rows as that has floats. */
  inputBytes: usize;
  outputs: i32;
  /** One padded row of outputs, and one row of the weight matrix. */
  outputBytes: usize;
  /** [padded input][padded output], followed at once by the biases. */
  weights: usize;
  biases: usize;
  /** The end of the biases. */
  end: usize;
  /** Weights as [output][padded input]; 0 where nothing below wants a derivative. */
  transposed: usize;
  /** Tile of the layer's inputs: the rows themselves or the activations below. */
  inputTile: usize;
  /** Tile of the layer's outputs after their activation. */
  outputTile: usize;
  /** Tile of the loss's derivatives by the outputs before their activation. */
  deltaTile: usize;
  /** Tile of the activation's slopes, SILU only. */
  slopeTile: usize;
}

/** A net. Gradients and moments have the layout of the parameters. */
@unmanaged export class Net {
  /** `nLayers` structs one after the other. */
  layers: usize;
  nLayers: i32;
  activation: i32;
  loss: i32;
  parameters: usize;
  parameterBytes: usize;
  gradients: usize;
  first: usize;
  second: usize;
}

/** Rows to work on. Rows of X are not padded: [row][inputs of the first layer]. */
@unmanaged export class Batch {
  X: usize;
  /** Int32 row numbers of X, or 0 for rows 0, 1, … */
  rows: usize;
  nRows: i32;
  /** [row of X][output], not padded. */
  targets: usize;
  /** One weight a row of X, or 0 if all are 1. */
  weights: usize;
  /** `predict` writes [place in the batch][output] here, not padded. */
  outputs: usize;
}

/** The rates of one step of Adam, computed by the host in 64 bits. */
@unmanaged export class Step {
  /** lr / (1 − β₁ᵗ) */
  rate: f32;
  /** 1 / √(1 − β₂ᵗ) */
  rootScale: f32;
  /** lr · weight decay */
  decay: f32;
  /** Largest norm of the gradient. */
  clipNorm: f32;
}

@inline
export function layerAt(net: Net, l: i32): Layer {
  return changetype<Layer>(net.layers + <usize>l * offsetof<Layer>());
}

/** True if the layer has one output, which is stored without padding. */
@inline
export function isSingle(layer: Layer): bool {
  return layer.outputBytes == 4;
}
