/** From rows of X to outputs, one tile at a time. */
import { siluTile, tanhTile } from "./activations.ts";
import { affine, affineRelu } from "./products.ts";
import { dotRows } from "./single-output.ts";
import { Batch, isSingle, Layer, layerAt, Net, RELU, TANH } from "./structs.ts";

/** Rows of a tile rounded up to whole blocks; what comes beyond the batch repeats its last row. */
@inline
export function blockRows(rows: i32): i32 {
  return (rows + 3) & ~3;
}

/** The row of X at a place of the batch. */
@inline
export function rowAt(batch: Batch, place: i32): usize {
  if (batch.rows == 0) return place;
  return load<i32>(batch.rows + (<usize>place << 2));
}

/** Computes the outputs of `count` rows from place `start` of the batch into the last tile. */
export function forwardTile(net: Net, batch: Batch, start: i32, count: i32): void {
  const rows = blockRows(count);
  gather(layerAt(net, 0), batch, start, count);
  const last = net.nLayers - 1;
  for (let l = 0; l < last; l++) forwardHidden(layerAt(net, l), net.activation, rows);
  forwardLast(layerAt(net, last), rows);
}

/** Copies rows of X to the first layer's tile. The tile's padding stays as it is: zero. */
function gather(layer: Layer, batch: Batch, start: i32, count: i32): void {
  const bytes = <usize>layer.inputs << 2;
  const whole = bytes & ~15;
  const rows = blockRows(count);
  let to = layer.inputTile;
  for (let r = 0; r < rows; r++) {
    const from = batch.X + rowAt(batch, start + min(r, count - 1)) * bytes;
    let j: usize = 0;
    for (; j < whole; j += 16) v128.store(to + j, v128.load(from + j));
    for (; j < bytes; j += 4) store<f32>(to + j, load<f32>(from + j));
    to += layer.inputBytes;
  }
}

function forwardHidden(layer: Layer, activation: i32, rows: i32): void {
  const A = layer.inputTile;
  const aBytes = layer.inputBytes;
  const out = layer.outputTile;
  const outBytes = layer.outputBytes;
  if (activation == RELU) {
    affineRelu(A, aBytes, rows, layer.inputs, layer.weights, layer.biases, out, outBytes);
    return;
  }
  affine(A, aBytes, rows, layer.inputs, layer.weights, layer.biases, out, outBytes);
  const bytes = <usize>rows * outBytes;
  if (activation == TANH) tanhTile(out, bytes);
  else siluTile(out, bytes, layer.slopeTile);
}

function forwardLast(layer: Layer, rows: i32): void {
  const A = layer.inputTile;
  const aBytes = layer.inputBytes;
  const out = layer.outputTile;
  if (isSingle(layer)) dotRows(A, aBytes, rows, layer.weights, layer.biases, out);
  else affine(A, aBytes, rows, layer.inputs, layer.weights, layer.biases, out, layer.outputBytes);
}
