/**
 * Matrix products in blocks of 4 rows × 8 columns that stay in registers: the hot loops.
 *
 * What V8 needs to run them at full speed, found by measuring: the innermost loop small and a
 * do-while, eight accumulators in named locals, and everything else that differs (`finish`) known
 * at compile time, which inlining `product` into one function a use makes it.
 *
 * Row counts are multiples of 4, rows of results multiples of 32 bytes, depths at least 1.
 */
import { madd, relu4, splat } from "./vector.ts";

/** How `product` starts and ends a block; `beside` is the bias row, or a tile like the result. */
const ADD_BIAS: i32 = 0;
const ADD_BIAS_THEN_RELU: i32 = 1;
/** Times the slope of tanh, 1 − h², h beside. */
const TIMES_TANH_SLOPE: i32 = 2;
/** Times the slope of ReLU, 1 where h > 0, h beside. */
const TIMES_RELU_SLOPE: i32 = 3;
/** Times the tile beside. */
const TIMES: i32 = 4;

/** out = bias + A·W, for rows of A. */
export function affine(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, bias: usize, out: usize,
  outBytes: usize,
): void {
  product(A, aBytes, rows, depth, W, bias, out, outBytes, ADD_BIAS);
}

/** out = max(0, bias + A·W). */
export function affineRelu(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, bias: usize, out: usize,
  outBytes: usize,
): void {
  product(A, aBytes, rows, depth, W, bias, out, outBytes, ADD_BIAS_THEN_RELU);
}

/** out = (A·W) ⊙ (1 − h²). */
export function timesTanhSlope(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, h: usize, out: usize, outBytes: usize,
): void {
  product(A, aBytes, rows, depth, W, h, out, outBytes, TIMES_TANH_SLOPE);
}

/** out = (A·W) where h > 0, else 0. */
export function timesReluSlope(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, h: usize, out: usize, outBytes: usize,
): void {
  product(A, aBytes, rows, depth, W, h, out, outBytes, TIMES_RELU_SLOPE);
}

/** out = (A·W) ⊙ slopes. */
export function timesSlopes(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, slopes: usize, out: usize,
  outBytes: usize,
): void {
  product(A, aBytes, rows, depth, W, slopes, out, outBytes, TIMES);
}

@inline
function product(
  A: usize, aBytes: usize, rows: i32, depth: i32, W: usize, beside: usize, out: usize,
  outBytes: usize, finish: i32,
): void {
  const zero = splat(0);
  const a2 = aBytes << 1;
  const a3 = a2 + aBytes;
  do {
    let column: usize = 0;
    do {
      let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
      let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
      if (finish <= ADD_BIAS_THEN_RELU) {
        c00 = v128.load(beside + column);
        c01 = v128.load(beside + column, 16);
        c10 = c00, c20 = c00, c30 = c00;
        c11 = c01, c21 = c01, c31 = c01;
      }
      let a = A;
      let w = W + column;
      let k = depth;
      do {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const s0 = v128.load32_splat(a);
        const s1 = v128.load32_splat(a + aBytes);
        const s2 = v128.load32_splat(a + a2);
        const s3 = v128.load32_splat(a + a3);
        c00 = madd(s0, w0, c00), c01 = madd(s0, w1, c01);
        c10 = madd(s1, w0, c10), c11 = madd(s1, w1, c11);
        c20 = madd(s2, w0, c20), c21 = madd(s2, w1, c21);
        c30 = madd(s3, w0, c30), c31 = madd(s3, w1, c31);
        w += outBytes;
        a += 4;
      } while (--k);
      let o = out + column;
      let b = beside + column;
      storeRow(o, c00, c01, b, finish);
      o += outBytes, b += outBytes;
      storeRow(o, c10, c11, b, finish);
      o += outBytes, b += outBytes;
      storeRow(o, c20, c21, b, finish);
      o += outBytes, b += outBytes;
      storeRow(o, c30, c31, b, finish);
      column += 32;
    } while (column < outBytes);
    A += aBytes << 2;
    out += outBytes << 2;
    if (finish > ADD_BIAS_THEN_RELU) beside += outBytes << 2;
    rows -= 4;
  } while (rows > 0);
}

@inline
function storeRow(out: usize, low: v128, high: v128, beside: usize, finish: i32): void {
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
 * G[k][n] (+)= Σ_r A[r][k] D[r][n]: a tile's part of the gradient of a layer's weights.
 *
 * @param add - False to start a new gradient, true to add to it.
 */
export function weightGradient(
  A: usize, aBytes: usize, rows: i32, D: usize, dBytes: usize, G: usize, add: bool,
): void {
  const zero = splat(0);
  for (let k: usize = 0; k < aBytes; k += 16) {
    for (let column: usize = 0; column < dBytes; column += 32) {
      const g0 = G + column;
      const g1 = g0 + dBytes;
      const g2 = g1 + dBytes;
      const g3 = g2 + dBytes;
      let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
      let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
      if (add) {
        c00 = v128.load(g0), c01 = v128.load(g0, 16);
        c10 = v128.load(g1), c11 = v128.load(g1, 16);
        c20 = v128.load(g2), c21 = v128.load(g2, 16);
        c30 = v128.load(g3), c31 = v128.load(g3, 16);
      }
      let a = A + k;
      let d = D + column;
      let r = rows;
      do {
        const d0 = v128.load(d);
        const d1 = v128.load(d, 16);
        const s0 = v128.load32_splat(a);
        const s1 = v128.load32_splat(a, 4);
        const s2 = v128.load32_splat(a, 8);
        const s3 = v128.load32_splat(a, 12);
        c00 = madd(s0, d0, c00), c01 = madd(s0, d1, c01);
        c10 = madd(s1, d0, c10), c11 = madd(s1, d1, c11);
        c20 = madd(s2, d0, c20), c21 = madd(s2, d1, c21);
        c30 = madd(s3, d0, c30), c31 = madd(s3, d1, c31);
        a += aBytes;
        d += dBytes;
      } while (--r);
      v128.store(g0, c00), v128.store(g0, c01, 16);
      v128.store(g1, c10), v128.store(g1, c11, 16);
      v128.store(g2, c20), v128.store(g2, c21, 16);
      v128.store(g3, c30), v128.store(g3, c31, 16);
    }
    G += dBytes << 2;
  }
}

/** g[n] (+)= Σ_r D[r][n]: a tile's part of the gradient of a layer's biases. */
export function biasGradient(D: usize, dBytes: usize, rows: i32, g: usize, add: bool): void {
  for (let column: usize = 0; column < dBytes; column += 32) {
    let low = splat(0);
    let high = low;
    if (add) {
      low = v128.load(g + column);
      high = v128.load(g + column, 16);
    }
    let d = D + column;
    let r = rows;
    do {
      low = f32x4.add(low, v128.load(d));
      high = f32x4.add(high, v128.load(d, 16));
      d += dBytes;
    } while (--r);
    v128.store(g + column, low);
    v128.store(g + column, high, 16);
  }
}

/** T[o][j] = W[j][o] for whole blocks of 4 × 4. */
export function transpose(W: usize, wBytes: usize, T: usize, tBytes: usize): void {
  for (let j: usize = 0; j < tBytes; j += 16) {
    for (let o: usize = 0; o < wBytes; o += 16) {
      const p = W + (j >> 2) * wBytes + o;
      const q = T + (o >> 2) * tBytes + j;
      const a = v128.load(p);
      const b = v128.load(p + wBytes);
      const c = v128.load(p + 2 * wBytes);
      const d = v128.load(p + 3 * wBytes);
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
      const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
      const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<i64>(ab, cd, 0, 2));
      v128.store(q + tBytes, v128.shuffle<i64>(ab, cd, 1, 3));
      v128.store(q + 2 * tBytes, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
      v128.store(q + 3 * tBytes, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
    }
  }
}
