/** Arithmetic on four floats at a time. NaN in gives NaN out. */

/** Where the rational tanh reaches ±1 in 32 bits. */
const TANH_LIMIT: f32 = 7.90531110763549805;
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

/** Error at most 4e-7. Source: the rational minimax fit of Eigen's ptanh (Guennebaud et al.). */
@inline
export function tanh4(wide: v128): v128 {
  const x = clamp4(wide, TANH_LIMIT);
  const s = f32x4.mul(x, x);
  let p = madd(s, splat(-2.76076847742355e-16), splat(2.00018790482477e-13));
  p = madd(p, s, splat(-8.60467152213735e-11));
  p = madd(p, s, splat(5.12229709037114e-8));
  p = madd(p, s, splat(1.48572235717979e-5));
  p = madd(p, s, splat(6.37261928875436e-4));
  p = madd(p, s, splat(4.89352455891786e-3));
  let q = madd(s, splat(1.19825839466702e-6), splat(1.18534705686654e-4));
  q = madd(q, s, splat(2.2684346324390e-3));
  q = madd(q, s, splat(4.89352518554385e-3));
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

/** The sum of the four lanes. */
@inline
export function sumLanes(a: v128): f32 {
  const b = f32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(b, 0) + f32x4.extract_lane(b, 1);
}
