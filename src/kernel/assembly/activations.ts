/** Activations of a tile, after its product. */
import { BLOCK, STRIP } from "./structs.ts";
import { exp4, relu4, splat, tanh4 } from "./vector.ts";

/** h ← tanh(h), for the blocks of rows of each unit. */
export function tanhTile(h: usize, units: i32, blocks: i32): void {
  const bytes = <usize>blocks * BLOCK;
  if (bytes == STRIP) return tanhRun(h, <usize>units * STRIP);
  for (const end = h + <usize>units * STRIP; h < end; h += STRIP) tanhRun(h, bytes);
}

/** The same for `bytes` of floats in a row, a multiple of 16. */
export function tanhRun(h: usize, bytes: usize): void {
  const end = h + bytes;
  do {
    v128.store(h, tanh4(v128.load(h)));
    h += 16;
  } while (h < end);
}

/** h ← h σ(h), and its slope σ(h) (1 + h (1 − σ(h))) to the tile `slopes`. */
export function siluTile(h: usize, units: i32, blocks: i32, slopes: usize): void {
  const bytes = <usize>blocks * BLOCK;
  if (bytes == STRIP) return siluRun(h, <usize>units * STRIP, slopes);
  for (const end = h + <usize>units * STRIP; h < end; h += STRIP, slopes += STRIP) {
    siluRun(h, bytes, slopes);
  }
}

export function siluRun(h: usize, bytes: usize, slopes: usize): void {
  const one = splat(1);
  const end = h + bytes;
  do {
    const x = v128.load(h);
    const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
    const rise = f32x4.mul(x, f32x4.sub(one, sigmoid));
    v128.store(h, f32x4.mul(x, sigmoid));
    v128.store(slopes, f32x4.mul(sigmoid, f32x4.add(one, rise)));
    h += 16;
    slopes += 16;
  } while (h < end);
}

/** max(0, h). Tiles get it from the product; see products.ts. */
export function reluRun(h: usize, bytes: usize): void {
  const end = h + bytes;
  do {
    v128.store(h, relu4(v128.load(h)));
    h += 16;
  } while (h < end);
}
