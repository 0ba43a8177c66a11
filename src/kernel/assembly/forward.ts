/** From rows of X to outputs, one tile at a time. */
import { siluTile, tanhTile } from "./activations.ts";
import { affine, affineRelu } from "./products.ts";
import { dotRows } from "./single-output.ts";
import {
  Batch, BLOCK_ROWS, blocksOf, isSingle, Layer, layerAt, Net, panelBytes, RELU, STRIP, TANH,
} from "./structs.ts";
import { storeColumns } from "./vector.ts";

/** The row of X at a place of the batch. */
@inline
export function rowAt(batch: Batch, place: i32): usize {
  if (batch.rows == 0) return place;
  return load<i32>(batch.rows + (<usize>place << 2));
}

/** Computes the outputs of `count` rows from place `start` of the batch into the last tile. */
export function forwardTile(net: Net, batch: Batch, start: i32, count: i32): void {
  const blocks = blocksOf(count);
  gather(layerAt(net, 0), batch, start, count);
  const last = net.nLayers - 1;
  for (let l = 0; l < last; l++) forwardHidden(layerAt(net, l), net.activation, blocks);
  forwardLast(layerAt(net, last), blocks);
}

/** Copies rows of X to the first layer's tile, four at a time. Its padding stays zero. */
function gather(layer: Layer, batch: Batch, start: i32, count: i32): void {
  const inputs = <usize>layer.inputs;
  const bytes = inputs << 2;
  const last = count - 1;
  const rows = blocksOf(count) * BLOCK_ROWS;
  let to = layer.inputTile;
  for (let r = 0; r < rows; r += 4) {
    const a = batch.X + rowAt(batch, start + min(r, last)) * bytes;
    const b = batch.X + rowAt(batch, start + min(r + 1, last)) * bytes;
    const c = batch.X + rowAt(batch, start + min(r + 2, last)) * bytes;
    const d = batch.X + rowAt(batch, start + min(r + 3, last)) * bytes;
    if (inputs < 4) gatherFew(a, b, c, d, bytes, to);
    else gatherMany(a, b, c, d, bytes, to);
    to += 16;
  }
}

/** Four inputs at a time; the last four may overlap those before. */
@inline
function gatherMany(a: usize, b: usize, c: usize, d: usize, bytes: usize, to: usize): void {
  const last = bytes - 16;
  for (let j: usize = 0; ; j = min(j + 16, last)) {
    const strips = to + (j >> 2) * STRIP;
    storeColumns(
      strips, STRIP, v128.load(a + j), v128.load(b + j), v128.load(c + j), v128.load(d + j),
    );
    if (j == last) return;
  }
}

@inline
function gatherFew(a: usize, b: usize, c: usize, d: usize, bytes: usize, to: usize): void {
  for (let j: usize = 0; j < bytes; j += 4) {
    store<f32>(to, load<f32>(a + j));
    store<f32>(to, load<f32>(b + j), 4);
    store<f32>(to, load<f32>(c + j), 8);
    store<f32>(to, load<f32>(d + j), 12);
    to += STRIP;
  }
}

function forwardHidden(layer: Layer, activation: i32, blocks: i32): void {
  const A = layer.inputTile;
  const depth = layer.inputs;
  const W = layer.weights;
  const panel = panelBytes(layer);
  const units = layer.outputUnits;
  const out = layer.outputTile;
  if (activation == RELU) {
    affineRelu(A, depth, blocks, W, panel, units, layer.biases, out);
    return;
  }
  affine(A, depth, blocks, W, panel, units, layer.biases, out);
  if (activation == TANH) tanhTile(out, units, blocks);
  else siluTile(out, units, blocks, layer.slopeTile);
}

function forwardLast(layer: Layer, blocks: i32): void {
  const A = layer.inputTile;
  const W = layer.weights;
  const out = layer.outputTile;
  if (isSingle(layer)) dotRows(A, layer.inputs, blocks, W, layer.biases, out);
  else affine(A, layer.inputs, blocks, W, panelBytes(layer), layer.outputUnits, layer.biases, out);
}
