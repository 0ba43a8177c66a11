/** The loss's derivatives by a tile's outputs: where the way back begins. */
import { blockRows, rowAt } from "./forward.ts";
import { Batch, CROSS_ENTROPY, EXTERNAL, Layer } from "./structs.ts";
import { exp4, splat, sumLanes } from "./vector.ts";

/**
 * Fills the last layer's deltas for `count` rows from place `start`: row weight / batch size times
 * output − target, softmax(output) − target or, where the loss is external, the target itself.
 * Rows that only fill the last block get 0.
 */
export function lossDeltas(layer: Layer, loss: i32, batch: Batch, start: i32, count: i32): void {
  const outBytes = layer.outputBytes;
  const targetBytes = <usize>layer.outputs << 2;
  let out = layer.outputTile;
  let delta = layer.deltaTile;
  for (let r = 0; r < count; r++) {
    const row = rowAt(batch, start + r);
    const target = batch.targets + row * targetBytes;
    const weight: f32 = batch.weights == 0 ? 1 : load<f32>(batch.weights + (row << 2));
    const scale = weight / <f32>batch.nRows;
    if (loss == EXTERNAL) scaleTargets(target, targetBytes, scale, delta);
    else if (loss == CROSS_ENTROPY) softmaxErrors(out, outBytes, target, targetBytes, scale, delta);
    else errors(out, target, targetBytes, scale, delta);
    out += outBytes;
    delta += outBytes;
  }
  memory.fill(delta, 0, <usize>(blockRows(count) - count) * outBytes);
}

@inline
function scaleTargets(target: usize, bytes: usize, scale: f32, delta: usize): void {
  for (let o: usize = 0; o < bytes; o += 4) store<f32>(delta + o, scale * load<f32>(target + o));
}

@inline
function errors(out: usize, target: usize, bytes: usize, scale: f32, delta: usize): void {
  for (let o: usize = 0; o < bytes; o += 4) {
    store<f32>(delta + o, scale * (load<f32>(out + o) - load<f32>(target + o)));
  }
}

/** Softmax over the outputs, largest first taken off; padding weighs nothing and stays 0. */
function softmaxErrors(
  out: usize, outBytes: usize, target: usize, bytes: usize, scale: f32, delta: usize,
): void {
  let largest = load<f32>(out);
  for (let o: usize = 4; o < bytes; o += 4) largest = max(largest, load<f32>(out + o));
  for (let o: usize = 0; o < outBytes; o += 16) {
    v128.store(delta + o, exp4(f32x4.sub(v128.load(out + o), splat(largest))));
  }
  for (let o = bytes; o < outBytes; o += 4) store<f32>(delta + o, 0);
  let sum = splat(0);
  for (let o: usize = 0; o < outBytes; o += 16) sum = f32x4.add(sum, v128.load(delta + o));
  const total = sumLanes(sum);
  for (let o: usize = 0; o < bytes; o += 4) {
    store<f32>(delta + o, scale * (load<f32>(delta + o) / total - load<f32>(target + o)));
  }
}
