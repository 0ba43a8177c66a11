/**
 * e^x with the same bits in every engine.
 *
 * ECMAScript leaves the last bits of `Math.exp` to the engine, and engines differ. This is fdlibm's
 * `__ieee754_exp` (Sun Microsystems, 1993; freely granted): error under 1 ulp, made of + − × ÷ and
 * a table of powers of two alone.
 */

/** ln 2 in two parts: k × HIGH is exact for every k that occurs. */
const LN2_HIGH = 6.931471803691238e-1;
const LN2_LOW = 1.9082149292705877e-10;
/** Coefficients of the polynomial for r × (e^r + 1) ÷ (e^r − 1) − 2 in r². */
const P1 = 1.6666666666666602e-1;
const P2 = -2.7777777777015593e-3;
const P3 = 6.613756321437934e-5;
const P4 = -1.6533902205465252e-6;
const P5 = 4.1381367970572385e-8;

/** From here on the result is Infinity; below the least it is 0. */
const MOST = 709.782712893384;
const LEAST = -745.1332191019411;

const LEAST_POWER = -1022;
/** Powers of two from 2^−1022 to 2^1023. */
const POWERS = powersOfTwo();
/** Takes a result into the subnormal numbers in a second step. */
const SUBNORMAL = 2 ** -54;

/** e^x; NaN for NaN, 0 below −745.13, Infinity above 709.78. */
export function exp(x: number): number {
  if (!(x <= MOST)) return x > MOST ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < LEAST) return 0;
  const k = Math.floor(Math.LOG2E * x + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k >= LEAST_POWER) return k === 1024 ? y * 2 * POWERS[2045]! : y * POWERS[k - LEAST_POWER]!;
  return y * POWERS[k + 54 - LEAST_POWER]! * SUBNORMAL;
}

/** By doubling, since engines differ in the last bits of a power too. */
function powersOfTwo(): Float64Array {
  const powers = new Float64Array(2046);
  for (let i = 0, power = 2.2250738585072014e-308; i < powers.length; i++, power *= 2) {
    powers[i] = power;
  }
  return powers;
}
