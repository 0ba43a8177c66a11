/**
 * Sine and cosine with the same bits in every browser and on every CPU, for a few turns.
 *
 * `Math.sin` is as each engine wants it. This is fdlibm's algorithm, made of + − × ÷ alone, with an
 * error below 1 ulp: x less the nearest multiple of π/2, in two doubles, into a polynomial. Larger
 * numbers than a date's part of a turn would need more digits of π, and are refused.
 *
 * Source: FreeBSD msun, k_sin.c, k_cos.c, e_rem_pio2.c. Copyright (C) 1993 by Sun Microsystems,
 * Inc. All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to
 * use, copy, modify, and distribute this software is freely granted, provided that this notice is
 * preserved.
 */
import { checkNumber } from "./errors.ts";
import { highWord, withHighWord } from "./words.ts";

/** Largest |x|, below 32 quarters of a turn. */
const MOST = 50;
const QUARTERS_PER_RADIAN = 0.6366197723675814;
/** π/2 in parts of 33 bits, each followed by the rest. */
const PARTS = [
  [1.5707963267341256, 6.077100506506192e-11],
  [6.077100506303966e-11, 2.0222662487959506e-21],
  [2.0222662487111665e-21, 8.4784276603689e-32],
] as const;
/** Bits lost to cancellation from which the next part is needed. */
const LOST_BITS = [16, 49] as const;
/** High words: of π/4, of 2^−27, of 0.3, of 0.78125. */
const EIGHTH = 0x3fe921fb;
const TINY = 0x3e400000;
const [SMALL, LARGE] = [0x3fd33333, 0x3fe90000];

/** An angle within ±π/4: value and the rest that the value cannot hold. */
interface Angle {
  readonly quarters: number;
  readonly value: number;
  readonly rest: number;
}

/** The sine of x radians. NaN for NaN. @throws INVALID_OPTION if |x| is above 50. */
export function sin(x: number): number {
  return quarter(x, 0);
}

/** The cosine of x radians. NaN for NaN. @throws INVALID_OPTION if |x| is above 50. */
export function cos(x: number): number {
  return quarter(x, 1);
}

/** sin(x + shift π/2). */
function quarter(x: number, shift: 0 | 1): number {
  if (Number.isNaN(x)) return x;
  checkNumber("the radians below 50", MOST - Math.abs(x), 0);
  const { quarters, value, rest } = reduce(x);
  const place = (quarters + shift) & 3;
  const size = place % 2 === 0 ? kernelSine(value, rest) : kernelCosine(value, rest);
  return place < 2 ? size : -size;
}

function reduce(x: number): Angle {
  const size = Math.abs(x);
  const high = highWord(size);
  if (high <= EIGHTH) return { quarters: 0, value: x, rest: 0 };
  const quarters = Math.floor(size * QUARTERS_PER_RADIAN + 0.5);
  let r = size - quarters * PARTS[0][0];
  let w = quarters * PARTS[0][1];
  // Far from a multiple of π/2 the first part has bits enough.
  const isNear = high === highWord((quarters * Math.PI) / 2);
  for (let p = 0; p < LOST_BITS.length && isNear; p++) {
    const lost = (high >> 20) - ((highWord(r - w) >> 20) & 0x7ff);
    if (lost <= LOST_BITS[p]!) break;
    const before = r;
    const step = quarters * PARTS[p + 1]![0];
    r = before - step;
    w = quarters * PARTS[p + 1]![1] - (before - r - step);
  }
  const value = r - w;
  const rest = r - value - w;
  return x < 0 ? { quarters: -quarters, value: -value, rest: -rest } : { quarters, value, rest };
}

function kernelSine(x: number, rest: number): number {
  if ((highWord(x) & 0x7fffffff) < TINY) return x;
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  const first = -0.16666666666666632;
  if (rest === 0) return x + v * (first + z * r);
  return x - (z * (0.5 * rest - v * r) - rest - v * first);
}

function kernelCosine(x: number, rest: number): number {
  const high = highWord(x) & 0x7fffffff;
  if (high < TINY) return 1;
  const z = x * x;
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z *
                (-2.7557314351390663e-7 +
                  z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  if (high < SMALL) return 1 - (0.5 * z - (z * r - x * rest));
  const part = high > LARGE ? 0.28125 : withHighWord(0, high - 0x00200000);
  return 1 - part - (0.5 * z - part - (z * r - x * rest));
}
