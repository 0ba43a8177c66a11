/** Arithmetic on four floats at a time. NaN in gives NaN out. */

/** Where the rational tanh is as good as ±1 in 32 bits. */
const TANH_LIMIT: f32 = 7.9;
/** exp is 0 below and constant above: far from where 32 bits underflow or overflow. */
const EXP_LIMIT: f32 = 80;
const LOG2_E: f32 = 1.44269504088896341;
/** ln 2 in two parts, the first exact in few bits (Cody & Waite 1980). */
const LN_2_HIGH: f32 = 0.693359375;
const LN_2_LOW: f32 = -2.12194440e-4;

@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** a · b + c, fused in the fast build only: the plain build gives the same bits on every CPU. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function relu4(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(x, splat(0)));
}

@inline
function clamp4(x: v128, limit: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, splat(-limit)), splat(limit));
}

/**
 * Error at most 4.3e-7, never beyond ±1. Source: ours, x P₄(x²) / Q₃(x²) with the least relative
 * error on ±TANH_LIMIT (iteratively reweighted least squares), scaled to round well.
 */
@inline
export function tanh4(wide: v128): v128 {
  const x = clamp4(wide, TANH_LIMIT);
  const s = f32x4.mul(x, x);
  let p = madd(s, splat(-9.606900164271792e-9), splat(1.1088275641668588e-5));
  p = madd(p, s, splat(4.149345215409994e-3));
  p = madd(p, s, splat(0.1951179802417755));
  p = madd(p, s, splat(1.5338343381881714));
  let q = madd(s, splat(3.0351473833434284e-4), splat(0.035105910152196884));
  q = madd(q, s, splat(0.7063937783241272));
  q = madd(q, s, splat(1.5338345766067505));
  return f32x4.div(f32x4.mul(p, x), q);
}

/** Relative error at most 2e-7 within ±80. Source: the polynomial of Cephes expf (Moshier). */
@inline
export function exp4(wide: v128): v128 {
  const x = clamp4(wide, EXP_LIMIT);
  const n = f32x4.nearest(f32x4.mul(x, splat(LOG2_E)));
  let r = f32x4.sub(x, f32x4.mul(n, splat(LN_2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, splat(LN_2_LOW)));
  let p = madd(r, splat(1.9875691500e-4), splat(1.3981999507e-3));
  p = madd(p, r, splat(8.3334519073e-3));
  p = madd(p, r, splat(4.1665795894e-2));
  p = madd(p, r, splat(1.6666665459e-1));
  p = madd(p, r, splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, splat(1)));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(wide, splat(-EXP_LIMIT)));
}

/** a₀+a₂, b₀+b₂, a₁+a₃, b₁+b₃. */
@inline
function pairSums(a: v128, b: v128): v128 {
  return f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
}

/** The sums of each vector's lanes: Σa, Σb, Σc, Σd. */
@inline
export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = pairSums(a, b);
  const cd = pairSums(c, d);
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Adds to the vector at address `g`. */
@inline
export function addTo(g: usize, sums: v128): void {
  v128.store(g, f32x4.add(v128.load(g), sums));
}

/** Stores the columns of the block whose rows are a, b, c, d, `stride` bytes apart. */
@inline
export function storeColumns(
  to: usize, stride: usize, a: v128, b: v128, c: v128, d: v128,
): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(abHigh, cdHigh, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(abHigh, cdHigh, 1, 3));
}

/** The sum of the four lanes. */
@inline
export function sumLanes(a: v128): f32 {
  const b = f32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}
