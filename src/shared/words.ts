/** Doubles as two words of 32 bits, for functions that are computed from their exponents. */

const number = new Float64Array(1);
const words = new Int32Array(number.buffer);
/** Where the word with sign and exponent is. */
const HIGH = new Int8Array(Int32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** Sign, exponent and 20 bits of the mantissa. */
export function highWord(x: number): number {
  number[0] = x;
  return words[HIGH]!;
}

/** `x` with another high word. */
export function withHighWord(x: number, high: number): number {
  number[0] = x;
  words[HIGH] = high;
  return number[0]!;
}
