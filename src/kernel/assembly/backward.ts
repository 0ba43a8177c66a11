/** From the outputs' deltas back to the gradient of every parameter. */
import { forwardTile } from "./forward.ts";
import { lossDeltas } from "./loss.ts";
import {
  biasGradient, timesReluSlope, timesSlopes, timesTanhSlope, transpose, weightGradient,
} from "./products.ts";
import { dotGradient, spread, sumSingle } from "./single-output.ts";
import {
  Batch, blocksOf, isSingle, Layer, layerAt, Net, RELU, SILU, TANH, TILE_ROWS,
} from "./structs.ts";

/** Writes the gradient of the batch's mean loss. Modifies the net's tiles and gradients. */
export function batchGradient(net: Net, batch: Batch): void {
  const last = net.nLayers - 1;
  memory.fill(net.gradients, 0, net.parameterBytes);
  for (let l = 1; l <= last; l++) transposeWeights(layerAt(net, l));
  for (let start = 0; start < batch.nRows; start += TILE_ROWS) {
    const count = min(batch.nRows - start, TILE_ROWS);
    forwardTile(net, batch, start, count);
    lossDeltas(net, layerAt(net, last), batch, start, count);
    for (let l = last; l >= 0; l--) backwardLayer(net, l, blocksOf(count));
  }
}

/** A single output's weights are a row and a column at once. */
function transposeWeights(layer: Layer): void {
  if (isSingle(layer)) return;
  transpose(layer.weights, layer.inputUnits, layer.outputUnits, layer.transposed);
}

function backwardLayer(net: Net, l: i32, blocks: i32): void {
  const layer = layerAt(net, l);
  const A = layer.inputTile;
  const D = layer.deltaTile;
  const toGradient = net.gradients - net.parameters;
  const gWeights = layer.weights + toGradient;
  const gBiases = layer.biases + toGradient;
  if (isSingle(layer)) {
    dotGradient(A, layer.inputUnits, blocks, D, gWeights);
    sumSingle(D, blocks, gBiases);
  } else {
    weightGradient(A, layer.inputUnits, blocks, D, layer.outputUnits, gWeights);
    biasGradient(D, layer.outputUnits, blocks, gBiases);
  }
  if (l > 0) deltasBelow(layer, layerAt(net, l - 1), net.activation, blocks);
}

/** Deltas of the hidden layer below: what arrives there times its activation's slope. */
function deltasBelow(layer: Layer, below: Layer, activation: i32, blocks: i32): void {
  const D = layer.deltaTile;
  const depth = layer.outputs;
  const T = layer.transposed;
  const panel = <usize>layer.outputUnits << 4;
  const units = layer.inputUnits;
  const out = below.deltaTile;
  const beside = activation == SILU ? below.slopeTile : below.outputTile;
  if (isSingle(layer)) {
    spread(D, blocks, layer.weights, units, beside, out, activation);
  } else if (activation == TANH) timesTanhSlope(D, depth, blocks, T, panel, units, beside, out);
  else if (activation == RELU) timesReluSlope(D, depth, blocks, T, panel, units, beside, out);
  else timesSlopes(D, depth, blocks, T, panel, units, beside, out);
}
