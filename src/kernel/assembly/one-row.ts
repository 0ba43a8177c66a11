/**
 * The way of a single row through the net, for callers that predict row by row. A vector is four
 * units of the row here, not four rows of a unit, and tiles hold the row's units one after the
 * other. Each output adds up the same products in the same order as in a tile: the same bits.
 */
import { reluRun, siluRun, tanhRun } from "./activations.ts";
import { isSingle, Layer, layerAt, Net, panelBytes, RELU, TANH } from "./structs.ts";
import { madd } from "./vector.ts";

/** Computes the outputs of the row at address `x` into the last tile. */
export function forwardRow(net: Net, x: usize): void {
  const last = net.nLayers - 1;
  for (let l = 0; l < last; l++) {
    const layer = layerAt(net, l);
    affineRow(layer, x);
    activate(layer, net.activation);
    x = layer.outputTile;
  }
  const layer = layerAt(net, last);
  if (isSingle(layer)) dotRow(layer, x);
  else affineRow(layer, x);
}

function affineRow(layer: Layer, x: usize): void {
  const end = x + (<usize>layer.inputs << 2);
  const panel = panelBytes(layer);
  const to = layer.outputTile - layer.biases;
  let W = layer.weights;
  for (let bias = layer.biases; bias < layer.end; bias += 16) {
    let sum = v128.load(bias);
    let w = W;
    let a = x;
    do {
      sum = madd(v128.load32_splat(a), v128.load(w), sum);
      a += 4;
      w += 16;
    } while (a < end);
    v128.store(bias + to, sum);
    W += panel;
  }
}

function activate(layer: Layer, activation: i32): void {
  const h = layer.outputTile;
  const bytes = <usize>layer.outputUnits << 2;
  if (activation == TANH) tanhRun(h, bytes);
  else if (activation == RELU) reluRun(h, bytes);
  else siluRun(h, bytes, layer.slopeTile);
}

/** In one lane of four: the fast build must fuse here what it fuses in a tile. */
function dotRow(layer: Layer, x: usize): void {
  const end = x + (<usize>layer.inputs << 2);
  let sum = v128.load32_splat(layer.biases);
  let w = layer.weights;
  do {
    sum = madd(v128.load32_splat(w), v128.load32_splat(x), sum);
    x += 4;
    w += 4;
  } while (x < end);
  v128.store(layer.outputTile, sum);
}
