/** Rounded thresholds that leave the same rows on either side, and samples of rows. */
import { createRng, shuffle } from "../shared/rng.ts";

const SEED = 1;
const MAX_DIGITS = 17;
/** The most decimals that `toFixed` takes. */
const MAX_DECIMALS = 100;

/**
 * A number in (below, above] that has few digits and lies in the middle half of the gap.
 * `below` must be less than `above`. A value v has v < threshold ≤ w for all v ≤ below, w ≥ above.
 */
export function roundBetween(below: number, above: number): number {
  const middle = below / 2 + above / 2;
  const slack = (above / 2 - below / 2) / 2;
  const largest = Math.ceil(Math.log10(Math.max(Math.abs(below), Math.abs(above))));
  for (let power = largest; power > largest - MAX_DIGITS; power--) {
    const rounded = roundTo(middle, power);
    const inGap = rounded > below && rounded <= above;
    if (inGap && Math.abs(rounded - middle) <= slack) return rounded;
  }
  return middle > below ? middle : above;
}

/** Rounds to a multiple of 10^power. */
function roundTo(value: number, power: number): number {
  if (power > 0) return Math.round(value / 10 ** power) * 10 ** power;
  return Number(value.toFixed(Math.min(MAX_DECIMALS, -power)));
}

/** At most `most` of the items, drawn by a fixed seed, in order. (Rows may follow a pattern.) */
export function sampleOf(items: Int32Array, most: number): Int32Array {
  if (items.length <= most) return items;
  const places = Int32Array.from(items.keys());
  shuffle(places, createRng(SEED));
  return places
    .slice(0, most)
    .sort()
    .map((place) => items[place]!);
}

/** Rounds to six significant digits, as computed figures on a card are. */
export function sixDigits(value: number): number {
  return Number(value.toPrecision(6));
}
