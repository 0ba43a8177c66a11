/**
 * Exact samples of the discrete Gaussian, from the system's randomness and whole numbers alone:
 * samples of floats tell, by their last bits, what they were added to (Mironov 2012).
 * Source: Canonne, Kamath & Steinke 2020, algorithms 1 to 3.
 */
import { randomFillSync } from "node:crypto";

/** Uniform bytes, drawn many at once. */
const pool = Buffer.alloc(1 << 14);
let used = pool.length;

function uniformBytes(n: number): Buffer {
  if (used + n > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += n;
  const bytes = Buffer.from(pool.subarray(used - n, used));
  // What was used is not kept.
  pool.fill(0, used - n, used);
  return bytes;
}

/** Uniform on 0 … n − 1: draws beyond are drawn again. */
function uniformBelow(n: bigint): bigint {
  if (n === 1n) return 0n;
  const nBits = (n - 1n).toString(2).length;
  const nBytes = Math.ceil(nBits / 8);
  const spare = BigInt(8 * nBytes - nBits);
  for (;;) {
    const drawn = BigInt(`0x${uniformBytes(nBytes).toString("hex")}`) >> spare;
    if (drawn < n) return drawn;
  }
}

/** True with the probability numerator / denominator, at most 1. */
function chance(numerator: bigint, denominator: bigint): boolean {
  return uniformBelow(denominator) < numerator;
}

/** True with the probability e^(−numerator / denominator). */
function chanceOfExp(numerator: bigint, denominator: bigint): boolean {
  let left = numerator;
  for (; left > denominator; left -= denominator) if (!chanceOfExp(1n, 1n)) return false;
  let k = 1n;
  while (chance(left, denominator * k)) k += 1n;
  return k % 2n === 1n;
}

/** A whole number with the probability ∝ e^(−|x| / scale). */
function discreteLaplace(scale: bigint): bigint {
  for (;;) {
    const u = uniformBelow(scale);
    if (!chanceOfExp(u, scale)) continue;
    let v = 0n;
    while (chanceOfExp(1n, 1n)) v += 1n;
    const size = u + scale * v;
    const isNegative = uniformBelow(2n) === 1n;
    if (!(isNegative && size === 0n)) return isNegative ? -size : size;
  }
}

/** A whole number with the probability ∝ e^(−x² / 2σ²). @param deviation - σ, at least 1. */
export function discreteGaussian(deviation: bigint): bigint {
  const variance = deviation * deviation;
  const scale = deviation + 1n;
  for (;;) {
    const drawn = discreteLaplace(scale);
    const size = drawn < 0n ? -drawn : drawn;
    // (|x| − σ²/t)² / 2σ², over a common denominator.
    const distance = size * scale - variance;
    if (chanceOfExp(distance * distance, 2n * variance * scale * scale)) return drawn;
  }
}

/**
 * Adds noise to 64-bit integers in two's complement, low word first. Modifies `words`.
 *
 * @param deviation - In units of the integers, at least 1; a fraction is rounded up.
 */
export function addDiscreteGaussian(words: Uint32Array, deviation: number): void {
  const sigma = BigInt(Math.ceil(deviation));
  for (let i = 0; i < words.length; i += 2) {
    const value = (BigInt(words[i + 1]!) << 32n) + BigInt(words[i]!) + discreteGaussian(sigma);
    words[i] = Number(BigInt.asUintN(32, value));
    words[i + 1] = Number(BigInt.asUintN(32, value >> 32n));
  }
}
