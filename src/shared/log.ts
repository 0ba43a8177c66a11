/**
 * The natural logarithm with the same bits in every browser and on every CPU.
 *
 * `Math.log` is as each engine wants it. This is fdlibm's algorithm, made of + − × ÷ alone, with an
 * error below 1 ulp; its values are those of V8 up to its present version. A number 2^k (1 + f),
 * √½ ≤ 1 + f < √2, has the logarithm k ln 2 + log(1 + f), and with s = f / (2 + f) a polynomial of
 * s² gives log(1 + f).
 *
 * Source: FreeBSD msun, e_log.c. Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 * Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and
 * distribute this software is freely granted, provided that this notice is preserved.
 */
import { highWord, withHighWord } from "./words.ts";

/** ln 2 in two parts, the first exact in few bits. */
const LN_2_HIGH = 0.6931471803691238;
const LN_2_LOW = 1.9082149292705877e-10;
const TWO_54 = 18_014_398_509_481_984;
/** High words: of the least normal number, and of infinity. */
const LEAST_NORMAL = 0x00100000;
const INFINITE = 0x7ff00000;

/** ln x: −∞ of 0, NaN of negative numbers. */
export function log(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  const isTiny = highWord(x) < LEAST_NORMAL;
  const normal = isTiny ? x * TWO_54 : x;
  const high = highWord(normal);
  if (high >= INFINITE) return x;
  const mantissa = high & 0x000fffff;
  const carry = (mantissa + 0x95f64) & 0x00100000;
  const f = withHighWord(normal, mantissa | (carry ^ 0x3ff00000)) - 1;
  const k = (high >> 20) - 1023 + (carry >> 20) - (isTiny ? 54 : 0);
  if ((0x000fffff & (2 + mantissa)) < 3) return nearOne(f, k);
  const s = f / (2 + f);
  const R = polynomial(s * s);
  if (((mantissa - 0x6147a) | (0x6b851 - mantissa)) <= 0) {
    if (k === 0) return f - s * (f - R);
    return k * LN_2_HIGH - (s * (f - R) - k * LN_2_LOW - f);
  }
  const half = 0.5 * f * f;
  if (k === 0) return f - (half - s * (half + R));
  return k * LN_2_HIGH - (half - (s * (half + R) + k * LN_2_LOW) - f);
}

/** For |f| < 2^−20. */
function nearOne(f: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : k * LN_2_HIGH + k * LN_2_LOW;
  const R = f * f * (0.5 - 0.3333333333333333 * f);
  return k === 0 ? f - R : k * LN_2_HIGH - (R - k * LN_2_LOW - f);
}

function polynomial(z: number): number {
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return odd + even;
}
