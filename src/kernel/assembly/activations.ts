/** Activations of a whole tile, after its product. `bytes` is a multiple of 32. */
import { exp4, splat, tanh4 } from "./vector.ts";

/** h ← tanh(h). */
export function tanhTile(h: usize, bytes: usize): void {
  const end = h + bytes;
  do {
    const low = tanh4(v128.load(h));
    const high = tanh4(v128.load(h, 16));
    v128.store(h, low);
    v128.store(h, high, 16);
    h += 32;
  } while (h < end);
}

/** h ← h σ(h), and its slope σ(h) (1 + h (1 − σ(h))) to `slopes`. */
export function siluTile(h: usize, bytes: usize, slopes: usize): void {
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
