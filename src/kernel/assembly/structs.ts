/**
 * What the host lays out in memory for the kernel to read. The host's side is ../plan-net.ts,
 * ../place-net.ts and ../structs.ts: fields, order and units must agree.
 *
 * Everything is 4 bytes wide, so that a struct is an array of 32-bit words to the host. Addresses
 * and byte counts are `usize`. Nothing is allocated, static or global here: any number of threads
 * may run this code over one shared memory, each with separate structs.
 *
 * A tile holds TILE_ROWS rows on their way through the net, and lies unit by unit: the rows of
 * unit 0, the rows of unit 1, … A vector is four rows of one unit, so everything done to a row is
 * done to four at a time, units need no padding to whole vectors, and strides are constants.
 *
 * Units come in fours: those of hidden layers and of several outputs are padded to a multiple of
 * 4, inputs of the first layer to one of 2, a single output not at all. Padding holds zeros, and
 * every operation keeps it at zero. Weights lie in panels of four outputs, [panel][input][4], so
 * that the way along a sum is one without gaps.
 */

/** Rows that go through the net together. They accumulate into one gradient. */
export const TILE_ROWS: i32 = 32;
/** One unit of a tile. */
export const STRIP: usize = 128;
/** Rows are worked on in blocks of two vectors. */
export const BLOCK_ROWS: i32 = 8;
export const BLOCK: usize = 32;

/** Activation of the hidden layers. */
export const TANH: i32 = 0;
export const RELU: i32 = 1;
export const SILU: i32 = 2;

/** What the targets are: values, probabilities, or the loss's derivatives by the outputs. */
export const SQUARED_ERROR: i32 = 0;
export const CROSS_ENTROPY: i32 = 1;
export const EXTERNAL: i32 = 2;

/** One layer of weights. */
@unmanaged export class Layer {
  inputs: i32;
  /** With padding. */
  inputUnits: i32;
  outputs: i32;
  /** With padding. */
  outputUnits: i32;
  /** Panels of 4 output units, each [input unit][4], followed at once by the biases. */
  weights: usize;
  biases: usize;
  /** The end of the biases. */
  end: usize;
  /** Panels of 4 input units, each [output unit][4]; 0 where nothing below wants a derivative. */
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
  /** One strip: what each row of the tile counts in the loss; 0 without training. */
  scales: usize;
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

/** Weights to 4 outputs: one panel. */
@inline
export function panelBytes(layer: Layer): usize {
  return <usize>layer.inputUnits << 4;
}

/** True if the layer has one output, which is stored without padding. */
@inline
export function isSingle(layer: Layer): bool {
  return layer.outputUnits == 1;
}

/** Blocks that hold this many rows of a tile. What is beyond the rows repeats the last of them. */
@inline
export function blocksOf(rows: i32): i32 {
  return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}
