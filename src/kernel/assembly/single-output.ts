/**
 * The last layer of a net with one output, as experts have: dot products instead of a block of
 * which seven columns of eight would be padding.
 */
import { RELU, TANH } from "./structs.ts";
import { madd, splat } from "./vector.ts";

/** out[r] = bias + h[r]·w, four rows at a time. */
export function dotRows(
  H: usize, hBytes: usize, rows: i32, w: usize, bias: usize, out: usize,
): void {
  const b = v128.load32_splat(bias);
  do {
    let s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    let h = H;
    for (let j: usize = 0; j < hBytes; j += 16) {
      const wj = v128.load(w + j);
      s0 = madd(v128.load(h), wj, s0);
      s1 = madd(v128.load(h + hBytes), wj, s1);
      s2 = madd(v128.load(h + 2 * hBytes), wj, s2);
      s3 = madd(v128.load(h + 3 * hBytes), wj, s3);
      h += 16;
    }
    const s01 = pairSums(s0, s1);
    const s23 = pairSums(s2, s3);
    const sums = f32x4.add(v128.shuffle<i64>(s01, s23, 0, 2), v128.shuffle<i64>(s01, s23, 1, 3));
    v128.store(out, f32x4.add(b, sums));
    H += hBytes << 2;
    out += 16;
    rows -= 4;
  } while (rows > 0);
}

/** a₀+a₂, b₀+b₂, a₁+a₃, b₁+b₃. */
@inline
function pairSums(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
}

/** g[j] (+)= Σ_r e[r] h[r][j]: a tile's part of the gradient of the weights. */
export function dotGradient(
  H: usize, hBytes: usize, rows: i32, e: usize, g: usize, add: bool,
): void {
  for (let j: usize = 0; j < hBytes; j += 16) {
    let sum = add ? v128.load(g + j) : splat(0);
    let h = H + j;
    let er = e;
    let r = rows;
    do {
      sum = madd(v128.load32_splat(er), v128.load(h), sum);
      h += hBytes;
      er += 4;
    } while (--r);
    v128.store(g + j, sum);
  }
}

/** delta[r][j] = e[r] w[j] slope, what the hidden layer below gets; `beside` as in products.ts. */
export function spread(
  e: usize, rows: i32, w: usize, beside: usize, delta: usize, bytes: usize, activation: i32,
): void {
  if (activation == TANH) spreadWith(e, rows, w, beside, delta, bytes, TANH);
  else if (activation == RELU) spreadWith(e, rows, w, beside, delta, bytes, RELU);
  else spreadWith(e, rows, w, beside, delta, bytes, -1);
}

@inline
function spreadWith(
  e: usize, rows: i32, w: usize, beside: usize, delta: usize, bytes: usize, activation: i32,
): void {
  do {
    const er = v128.load32_splat(e);
    let j: usize = 0;
    do {
      const c = f32x4.mul(er, v128.load(w + j));
      const b = v128.load(beside + j);
      if (activation == TANH) v128.store(delta + j, f32x4.sub(c, f32x4.mul(f32x4.mul(c, b), b)));
      else if (activation == RELU) v128.store(delta + j, v128.and(c, f32x4.gt(b, splat(0))));
      else v128.store(delta + j, f32x4.mul(c, b));
      j += 16;
    } while (j < bytes);
    e += 4;
    beside += bytes;
    delta += bytes;
  } while (--rows);
}
