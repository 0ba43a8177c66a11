/** From the outputs' deltas back to the gradient of every parameter. */
import { blockRows, forwardTile } from "./forward.ts";
import { lossDeltas } from "./loss.ts";
import {
  biasGradient, timesReluSlope, timesSlopes, timesTanhSlope, transpose, weightGradient,
} from "./products.ts";
import { dotGradient, spread } from "./single-output.ts";
import { Batch, isSingle, Layer, layerAt, Net, RELU, SILU, TANH, TILE_ROWS } from "./structs.ts";

/** Writes the gradient of the batch's mean loss. Modifies the net's tiles and gradients. */
export function batchGradient(net: Net, batch: Batch): void {
  const last = net.nLayers - 1;
  for (let l = 1; l <= last; l++) transposeWeights(layerAt(net, l));
  for (let start = 0; start < batch.nRows; start += TILE_ROWS) {
    const count = min(batch.nRows - start, TILE_ROWS);
    forwardTile(net, batch, start, count);
    lossDeltas(layerAt(net, last), net.loss, batch, start, count);
    for (let l = last; l >= 0; l--) backwardLayer(net, l, blockRows(count), start > 0);
  }
}

/** A single output's weights are a row and a column at once. */
function transposeWeights(layer: Layer): void {
  if (isSingle(layer)) return;
  transpose(layer.weights, layer.outputBytes, layer.transposed, layer.inputBytes);
}

function backwardLayer(net: Net, l: i32, rows: i32, add: bool): void {
  const layer = layerAt(net, l);
  const A = layer.inputTile;
  const D = layer.deltaTile;
  const toGradient = net.gradients - net.parameters;
  const gWeights = layer.weights + toGradient;
  const gBiases = layer.biases + toGradient;
  if (isSingle(layer)) {
    dotGradient(A, layer.inputBytes, rows, D, gWeights, add);
    sumSingle(D, rows, gBiases, add);
  } else {
    weightGradient(A, layer.inputBytes, rows, D, layer.outputBytes, gWeights, add);
    biasGradient(D, layer.outputBytes, rows, gBiases, add);
  }
  if (l > 0) deltasBelow(layer, layerAt(net, l - 1), net.activation, rows);
}

/** The gradient of a single output's bias. */
@inline
function sumSingle(deltas: usize, rows: i32, g: usize, add: bool): void {
  let sum: f32 = add ? load<f32>(g) : 0;
  for (let r = 0; r < rows; r++) sum += load<f32>(deltas + (<usize>r << 2));
  store<f32>(g, sum);
}

/** Deltas of the hidden layer below: what arrives there times its activation's slope. */
function deltasBelow(layer: Layer, below: Layer, activation: i32, rows: i32): void {
  const D = layer.deltaTile;
  const dBytes = layer.outputBytes;
  const out = below.deltaTile;
  const outBytes = below.outputBytes;
  const beside = activation == SILU ? below.slopeTile : below.outputTile;
  if (isSingle(layer)) {
    spread(D, rows, layer.weights, beside, out, outBytes, activation);
  } else if (activation == TANH) {
    timesTanhSlope(D, dBytes, rows, layer.outputs, layer.transposed, beside, out, outBytes);
  } else if (activation == RELU) {
    timesReluSlope(D, dBytes, rows, layer.outputs, layer.transposed, beside, out, outBytes);
  } else {
    timesSlopes(D, dBytes, rows, layer.outputs, layer.transposed, beside, out, outBytes);
  }
}
