/**
 * Matrix products in blocks of 8 rows × 4 units that stay in registers: the hot loops.
 *
 * What V8 needs to run them at full speed, found by measuring: eight accumulators in named locals;
 * one or two steps of a sum a turn, each step in a separate block (V8 puts off the arithmetic of
 * longer ones until its operands no longer fit the registers); and everything else that differs
 * (`finish`) known at compile time, which inlining `product` into one function a use makes it.
 *
 * Numbers of units of results are multiples of 4, depths and numbers of blocks at least 1.
 */
import { BLOCK, STRIP } from "./structs.ts";
import { addTo, laneSums, madd, relu4, splat, storeColumns } from "./vector.ts";

/** How `product` starts and ends a block; `beside` is the biases, or a tile like the result. */
const ADD_BIAS: i32 = 0;
const ADD_BIAS_THEN_RELU: i32 = 1;
/** Times the slope of tanh, 1 − h², h beside. */
const TIMES_TANH_SLOPE: i32 = 2;
/** Times the slope of ReLU, 1 where h > 0, h beside. */
const TIMES_RELU_SLOPE: i32 = 3;
/** Times the tile beside. */
const TIMES: i32 = 4;

/** out = bias + W'·A: from `depth` units of the tile A, `units` of the tile `out`. */
export function affine(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, bias: usize, out: usize,
): void {
  product(A, depth, blocks, W, panel, units, bias, out, ADD_BIAS);
}

/** out = max(0, bias + W'·A). */
export function affineRelu(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, bias: usize, out: usize,
): void {
  product(A, depth, blocks, W, panel, units, bias, out, ADD_BIAS_THEN_RELU);
}

/** out = (W'·A) ⊙ (1 − h²). */
export function timesTanhSlope(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, h: usize, out: usize,
): void {
  product(A, depth, blocks, W, panel, units, h, out, TIMES_TANH_SLOPE);
}

/** out = W'·A where h > 0, else 0. */
export function timesReluSlope(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, h: usize, out: usize,
): void {
  product(A, depth, blocks, W, panel, units, h, out, TIMES_RELU_SLOPE);
}

/** out = (W'·A) ⊙ slopes. */
export function timesSlopes(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, slopes: usize, out: usize,
): void {
  product(A, depth, blocks, W, panel, units, slopes, out, TIMES);
}

@inline
function product(
  A: usize, depth: i32, blocks: i32, W: usize, panel: usize, units: i32, beside: usize, out: usize,
  finish: i32,
): void {
  const end = out + <usize>units * STRIP;
  do {
    let rows: usize = 0;
    let block = blocks;
    do {
      let c00 = splat(0), c01 = c00, c10 = c00, c11 = c00;
      let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      if (finish <= ADD_BIAS_THEN_RELU) {
        c00 = c01 = v128.load32_splat(beside);
        c10 = c11 = v128.load32_splat(beside, 4);
        c20 = c21 = v128.load32_splat(beside, 8);
        c30 = c31 = v128.load32_splat(beside, 12);
      }
      let a = A + rows;
      let w = W;
      let k = depth;
      do {
        const a0 = v128.load(a);
        const a1 = v128.load(a, 16);
        const w0 = v128.load32_splat(w);
        const w1 = v128.load32_splat(w, 4);
        const w2 = v128.load32_splat(w, 8);
        const w3 = v128.load32_splat(w, 12);
        c00 = madd(w0, a0, c00), c01 = madd(w0, a1, c01);
        c10 = madd(w1, a0, c10), c11 = madd(w1, a1, c11);
        c20 = madd(w2, a0, c20), c21 = madd(w2, a1, c21);
        c30 = madd(w3, a0, c30), c31 = madd(w3, a1, c31);
        if (--k == 0) break;
        w += 16;
        const b0 = v128.load(a, STRIP);
        const b1 = v128.load(a, STRIP + 16);
        const v0 = v128.load32_splat(w);
        const v1 = v128.load32_splat(w, 4);
        const v2 = v128.load32_splat(w, 8);
        const v3 = v128.load32_splat(w, 12);
        c00 = madd(v0, b0, c00), c01 = madd(v0, b1, c01);
        c10 = madd(v1, b0, c10), c11 = madd(v1, b1, c11);
        c20 = madd(v2, b0, c20), c21 = madd(v2, b1, c21);
        c30 = madd(v3, b0, c30), c31 = madd(v3, b1, c31);
        w += 16;
        a += 2 * STRIP;
      } while (--k);
      const o = out + rows;
      const b = beside + rows;
      storeUnit(o, c00, c01, b, finish);
      storeUnit(o + STRIP, c10, c11, b + STRIP, finish);
      storeUnit(o + 2 * STRIP, c20, c21, b + 2 * STRIP, finish);
      storeUnit(o + 3 * STRIP, c30, c31, b + 3 * STRIP, finish);
      rows += BLOCK;
    } while (--block);
    W += panel;
    out += 4 * STRIP;
    beside += finish <= ADD_BIAS_THEN_RELU ? 16 : 4 * STRIP;
  } while (out < end);
}

@inline
function storeUnit(out: usize, low: v128, high: v128, beside: usize, finish: i32): void {
  if (finish == ADD_BIAS) {
    v128.store(out, low);
    v128.store(out, high, 16);
  } else if (finish == ADD_BIAS_THEN_RELU) {
    v128.store(out, relu4(low));
    v128.store(out, relu4(high), 16);
  } else {
    v128.store(out, timesSlope(low, v128.load(beside), finish));
    v128.store(out, timesSlope(high, v128.load(beside, 16), finish), 16);
  }
}

@inline
function timesSlope(c: v128, beside: v128, finish: i32): v128 {
  if (finish == TIMES_TANH_SLOPE) return f32x4.sub(c, f32x4.mul(f32x4.mul(c, beside), beside));
  else if (finish == TIMES_RELU_SLOPE) return v128.and(c, f32x4.gt(beside, splat(0)));
  else return f32x4.mul(c, beside);
}

/**
 * G[k][n] += Σ_r A[k][r] D[n][r]: a tile's part of the gradient of a layer's weights. The rows
 * are summed lane by lane, the lanes at the end. `inputs` is a multiple of 2.
 */
export function weightGradient(
  A: usize, inputs: i32, blocks: i32, D: usize, outputs: i32, G: usize,
): void {
  const vectors = blocks << 1;
  const end = A + <usize>inputs * STRIP;
  const lastD = D + <usize>outputs * STRIP;
  do {
    let a0 = A;
    do {
      let c00 = splat(0), c01 = c00, c02 = c00, c03 = c00;
      let c10 = c00, c11 = c00, c12 = c00, c13 = c00;
      let a = a0;
      let d = D;
      let r = vectors;
      do {
        const a0 = v128.load(a);
        const a1 = v128.load(a, STRIP);
        const d0 = v128.load(d);
        const d1 = v128.load(d, STRIP);
        const d2 = v128.load(d, 2 * STRIP);
        const d3 = v128.load(d, 3 * STRIP);
        c00 = madd(a0, d0, c00), c10 = madd(a1, d0, c10);
        c01 = madd(a0, d1, c01), c11 = madd(a1, d1, c11);
        c02 = madd(a0, d2, c02), c12 = madd(a1, d2, c12);
        c03 = madd(a0, d3, c03), c13 = madd(a1, d3, c13);
        a += 16;
        d += 16;
      } while (--r);
      addTo(G, laneSums(c00, c01, c02, c03));
      addTo(G + 16, laneSums(c10, c11, c12, c13));
      G += 32;
      a0 += 2 * STRIP;
    } while (a0 < end);
    D += 4 * STRIP;
  } while (D < lastD);
}

/** g[n] += Σ_r D[n][r]: a tile's part of the gradient of a layer's biases. */
export function biasGradient(D: usize, outputs: i32, blocks: i32, g: usize): void {
  const end = g + (<usize>outputs << 2);
  do {
    let c0 = splat(0), c1 = c0, c2 = c0, c3 = c0;
    let d = D;
    let block = blocks << 1;
    do {
      c0 = f32x4.add(c0, v128.load(d));
      c1 = f32x4.add(c1, v128.load(d, STRIP));
      c2 = f32x4.add(c2, v128.load(d, 2 * STRIP));
      c3 = f32x4.add(c3, v128.load(d, 3 * STRIP));
      d += 16;
    } while (--block);
    addTo(g, laneSums(c0, c1, c2, c3));
    g += 16;
    D += 4 * STRIP;
  } while (g < end);
}

/** Panels of 4 outputs to panels of 4 inputs, in blocks of 4 × 4. */
export function transpose(W: usize, inputs: i32, outputs: i32, T: usize): void {
  const wPanel = <usize>inputs << 4;
  const tPanel = <usize>outputs << 4;
  const end = T + tPanel;
  do {
    let t = T;
    const wEnd = W + wPanel;
    do {
      storeColumns(t, 16, v128.load(W), v128.load(W, 16), v128.load(W, 32), v128.load(W, 48));
      t += tPanel;
      W += 64;
    } while (W < wEnd);
    T += 64;
  } while (T < end);
}
