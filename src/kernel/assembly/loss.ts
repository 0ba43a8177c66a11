/** The loss's derivatives by a tile's outputs: where the way back begins. */
import { rowAt } from "./forward.ts";
import {
  Batch, BLOCK, BLOCK_ROWS, blocksOf, CROSS_ENTROPY, EXTERNAL, Layer, Net, STRIP,
} from "./structs.ts";
import { exp4 } from "./vector.ts";

/**
 * Fills the last layer's deltas for `count` rows from place `start`: row weight / batch size times
 * output − target, softmax(output) − target or, where the loss is external, the target itself.
 * Rows that only fill the last block get 0. Modifies the outputs.
 */
export function lossDeltas(net: Net, layer: Layer, batch: Batch, start: i32, count: i32): void {
  gatherTargets(net.scales, layer, batch, start, count);
  const bytes = <usize>blocksOf(count) * BLOCK;
  const out = layer.outputTile;
  if (net.loss == CROSS_ENTROPY) softmax(out, layer.outputs, bytes);
  const end = out + <usize>layer.outputs * STRIP;
  let delta = layer.deltaTile;
  for (let o = out; o < end; o += STRIP, delta += STRIP) {
    for (let r: usize = 0; r < bytes; r += 16) {
      const target = v128.load(delta + r);
      const error = net.loss == EXTERNAL ? target : f32x4.sub(v128.load(o + r), target);
      v128.store(delta + r, f32x4.mul(error, v128.load(net.scales + r)));
    }
  }
}

/** Targets to the layer's deltas, and what each row counts to `scales`: 0 where there is no row. */
function gatherTargets(
  scales: usize, layer: Layer, batch: Batch, start: i32, count: i32,
): void {
  const bytes = <usize>layer.outputs << 2;
  const rows = blocksOf(count) * BLOCK_ROWS;
  let delta = layer.deltaTile;
  for (let r = 0; r < rows; r++) {
    const row = rowAt(batch, start + min(r, count - 1));
    const weight: f32 = batch.weights == 0 ? 1 : load<f32>(batch.weights + (row << 2));
    store<f32>(scales, r < count ? weight / <f32>batch.nRows : 0);
    const target = batch.targets + row * bytes;
    let to = delta;
    for (let o: usize = 0; o < bytes; o += 4, to += STRIP) store<f32>(to, load<f32>(target + o));
    delta += 4;
    scales += 4;
  }
}

/** Of each row's outputs, the largest taken off first. Padding units stay out of it. */
function softmax(out: usize, outputs: i32, bytes: usize): void {
  const size = <usize>outputs * STRIP;
  for (const end = out + bytes; out < end; out += 16) {
    const last = out + size;
    let largest = v128.load(out);
    for (let o = out + STRIP; o < last; o += STRIP) largest = f32x4.max(largest, v128.load(o));
    let total = f32x4.splat(0);
    for (let o = out; o < last; o += STRIP) {
      const exponential = exp4(f32x4.sub(v128.load(o), largest));
      total = f32x4.add(total, exponential);
      v128.store(o, exponential);
    }
    for (let o = out; o < last; o += STRIP) v128.store(o, f32x4.div(v128.load(o), total));
  }
}
