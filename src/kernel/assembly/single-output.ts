/**
 * The last layer of a net with one output, as experts have: no block of four units of which three
 * would be padding.
 */
import { BLOCK, RELU, STRIP, TANH } from "./structs.ts";
import { addTo, laneSums, madd, splat, sumLanes } from "./vector.ts";

/** out[r] = bias + Σ_j w[j] H[j][r]. */
export function dotRows(
  H: usize, inputs: i32, blocks: i32, w: usize, bias: usize, out: usize,
): void {
  const b = v128.load32_splat(bias);
  const end = w + (<usize>inputs << 2);
  do {
    let low = b;
    let high = b;
    let h = H;
    let wj = w;
    do {
      const s = v128.load32_splat(wj);
      low = madd(s, v128.load(h), low);
      high = madd(s, v128.load(h, 16), high);
      h += STRIP;
      wj += 4;
    } while (wj < end);
    v128.store(out, low);
    v128.store(out, high, 16);
    H += BLOCK;
    out += BLOCK;
  } while (--blocks);
}

/** g[j] += Σ_r e[r] H[j][r]: a tile's part of the gradient of the weights. */
export function dotGradient(
  H: usize, inputs: i32, blocks: i32, e: usize, g: usize,
): void {
  const end = g + (<usize>inputs << 2);
  do {
    let c0 = splat(0), c1 = c0, c2 = c0, c3 = c0;
    let h = H;
    let er = e;
    let block = blocks << 1;
    do {
      const d = v128.load(er);
      c0 = madd(d, v128.load(h), c0);
      c1 = madd(d, v128.load(h, STRIP), c1);
      c2 = madd(d, v128.load(h, 2 * STRIP), c2);
      c3 = madd(d, v128.load(h, 3 * STRIP), c3);
      h += 16;
      er += 16;
    } while (--block);
    addTo(g, laneSums(c0, c1, c2, c3));
    g += 16;
    H += 4 * STRIP;
  } while (g < end);
}

/** delta[j][r] = w[j] e[r] slope, what the hidden layer below gets; `beside` as in products.ts. */
export function spread(
  e: usize, blocks: i32, w: usize, units: i32, beside: usize, delta: usize, activation: i32,
): void {
  if (activation == TANH) spreadWith(e, blocks, w, units, beside, delta, TANH);
  else if (activation == RELU) spreadWith(e, blocks, w, units, beside, delta, RELU);
  else spreadWith(e, blocks, w, units, beside, delta, -1);
}

@inline
function spreadWith(
  e: usize, blocks: i32, w: usize, units: i32, beside: usize, delta: usize, activation: i32,
): void {
  const bytes = <usize>blocks * BLOCK;
  const end = w + (<usize>units << 2);
  do {
    const wj = v128.load32_splat(w);
    let r: usize = 0;
    do {
      const c = f32x4.mul(wj, v128.load(e + r));
      const b = v128.load(beside + r);
      if (activation == TANH) v128.store(delta + r, f32x4.sub(c, f32x4.mul(f32x4.mul(c, b), b)));
      else if (activation == RELU) v128.store(delta + r, v128.and(c, f32x4.gt(b, splat(0))));
      else v128.store(delta + r, f32x4.mul(c, b));
      r += 16;
    } while (r < bytes);
    w += 4;
    beside += STRIP;
    delta += STRIP;
  } while (w < end);
}

/** g += Σ_r e[r]: a tile's part of the gradient of the bias. */
export function sumSingle(e: usize, blocks: i32, g: usize): void {
  let sum: v128 = splat(0);
  for (const end = e + <usize>blocks * BLOCK; e < end; e += 16) {
    sum = f32x4.add(sum, v128.load(e));
  }
  store<f32>(g, load<f32>(g) + sumLanes(sum));
}
