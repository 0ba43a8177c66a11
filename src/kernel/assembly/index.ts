/** What the host may call. Arguments are addresses of structs, counts are at least 1. */
import { adamStep } from "./adam.ts";
import { batchGradient } from "./backward.ts";
import { forwardTile, rowAt } from "./forward.ts";
import { forwardRow } from "./one-row.ts";
import { Batch, layerAt, Net, Step, STRIP, TILE_ROWS } from "./structs.ts";

/** Takes `nSteps` steps, each on the next `batch.nRows` row numbers. Modifies net and batch. */
export function train(net: Net, batch: Batch, steps: usize, nSteps: i32): void {
  const batchBytes = <usize>batch.nRows << 2;
  for (let s = 0; s < nSteps; s++) {
    batchGradient(net, batch);
    adamStep(net, changetype<Step>(steps + <usize>s * offsetof<Step>()));
    batch.rows += batchBytes;
  }
}

/** Writes the gradient of the batch's mean loss to the net's gradients. */
export function gradient(net: Net, batch: Batch): void {
  batchGradient(net, batch);
}

/** Writes the outputs of every row of the batch. A row's answer depends on that row alone. */
export function predict(net: Net, batch: Batch): void {
  const last = layerAt(net, net.nLayers - 1);
  const size = <usize>last.outputs * STRIP;
  let to = batch.outputs;
  if (batch.nRows == 1) {
    forwardRow(net, batch.X + rowAt(batch, 0) * (<usize>layerAt(net, 0).inputs << 2));
    memory.copy(to, last.outputTile, <usize>last.outputs << 2);
    return;
  }
  for (let start = 0; start < batch.nRows; start += TILE_ROWS) {
    const count = min(batch.nRows - start, TILE_ROWS);
    forwardTile(net, batch, start, count);
    let from = last.outputTile;
    for (let r = 0; r < count; r++) {
      for (let o: usize = 0; o < size; o += STRIP, to += 4) store<f32>(to, load<f32>(from + o));
      from += 4;
    }
  }
}

/** True if none of `count` floats is NaN or infinite. */
export function allFinite(values: usize, count: i32): bool {
  const end = values + (<usize>count << 2);
  const whole = values + ((<usize>count << 2) & ~15);
  let bad = v128.splat<i32>(0);
  let p = values;
  for (; p < whole; p += 16) {
    const x = v128.load(p);
    const difference = f32x4.sub(x, x);
    bad = v128.or(bad, f32x4.ne(difference, difference));
  }
  if (v128.any_true(bad)) return false;
  for (; p < end; p += 4) {
    const x = load<f32>(p);
    if (x - x != 0) return false;
  }
  return true;
}
