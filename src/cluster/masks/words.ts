/**
 * Sums in fixed point: 64-bit integers in two's complement, modulo 2^64.
 *
 * Integers add alike in any order, so that sums by region and at once have the same bits, and a
 * mask of uniform integers hides one completely; floats would tell by their rounding. Layout: low
 * word first, as in a little-endian 64-bit integer.
 */
import { BailiwickError, checkLength } from "../../shared/errors.ts";
import { FIXED_POINT } from "../../shared/fixed-point.ts";

/** Shape (2 · length,). */
export type Words = Uint32Array;

const WORD = 2 ** 32;
/** The largest sum of all sites; beyond it the sign would turn. */
export const MOST_SUM: number = 2 ** 63 / FIXED_POINT - 1;

/**
 * Rounds to fixed point.
 *
 * @param nSites - Whose words are added: each may hold an equal part of `MOST_SUM`.
 * @throws SITE_REFUSED for a value that is too large for that, or no number.
 */
export function toWords(values: Float64Array, nSites: number): Words {
  const most = MOST_SUM / nSites;
  const words = new Uint32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(Math.abs(value) <= most)) throw overflow(i, value, most);
    const scaled = Math.round(value * FIXED_POINT);
    const high = Math.floor(scaled / WORD);
    words[2 * i] = scaled - high * WORD;
    words[2 * i + 1] = high;
  }
  return words;
}

function overflow(entry: number, value: number, most: number): BailiwickError {
  const message = `a sum must stay within ±${most.toExponential(2)}, entry ${entry} is ${value}`;
  return new BailiwickError("SITE_REFUSED", message, { entry });
}

export function fromWords(words: Words): Float64Array {
  const values = new Float64Array(words.length / 2);
  for (let i = 0; i < values.length; i++) {
    values[i] = ((words[2 * i + 1]! | 0) * WORD + words[2 * i]!) / FIXED_POINT;
  }
  return values;
}

/** Adds modulo 2^64. Modifies `into`. */
export function addWords(into: Words, words: Words): void {
  checkLength("words.length", words.length, into.length);
  for (let i = 0; i < into.length; i += 2) {
    const low = into[i]! + words[i]!;
    into[i] = low;
    into[i + 1] = into[i + 1]! + words[i + 1]! + (low >= WORD ? 1 : 0);
  }
}

/** Adds and subtracts many words: both halves are summed as they are, and carried once. */
export interface WordTally {
  add(words: Words): void;
  subtract(words: Words): void;
  /** The sum modulo 2^64. */
  words(): Words;
}

/** Exact for a million words, since a half has 32 bits of the 53 that a number holds. */
export function createTally(length: number): WordTally {
  const halves = new Float64Array(length);
  return {
    add: (words) => {
      checkLength("words.length", words.length, length);
      for (let i = 0; i < length; i++) halves[i]! += words[i]!;
    },
    subtract: (words) => {
      checkLength("words.length", words.length, length);
      for (let i = 0; i < length; i++) halves[i]! -= words[i]!;
    },
    words: () => {
      const sum = new Uint32Array(length);
      for (let i = 0; i < length; i += 2) {
        const carry = Math.floor(halves[i]! / WORD);
        sum[i] = halves[i]! - carry * WORD;
        sum[i + 1] = halves[i + 1]! + carry;
      }
      return sum;
    },
  };
}
