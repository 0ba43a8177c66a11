/**
 * Ranks in place of standard units, for a column whose values differ by less than 32 bits hold.
 *
 * In standard units the widest differences set the scale: seconds within one minute beside dates
 * of many years become one number in 32 bits, and no tree, gate or net can tell them apart. Such
 * a column is mapped by its knots, which are different training values at equal steps of rank:
 * straight lines between neighbours, evenly spread over ±√3 (a uniform distribution of deviation
 * 1). Beyond the end knots, standard units go on. The map keeps the order of values.
 */
import { CLIP, type NumberFeature } from "./preprocessing.ts";

/** One more than the bins of a tree, so that each bin's edge can lie between two knots. */
export const MAX_KNOTS = 256;
/** The knots lie evenly from −√3 to √3. */
export const RANK_BOUND = Math.sqrt(3);
/** Values that 32 bits merge matter if they are in at least this many rows, */
const LEAST_ROWS = 3;
/** and in this share of the rows: a tree's bins are no finer. */
const LEAST_SHARE = 1 / 255;

/**
 * The knots of a column, ascending; null if standard units tell its values apart.
 *
 * @param sorted - The values that are present, ascending.
 * @param standardOf - A value's standard units.
 */
export function findKnots(
  sorted: Float64Array,
  standardOf: (value: number) => number,
): readonly number[] | null {
  if (!Number.isFinite(sorted.at(-1)! - sorted[0]!) || !mergesValues(sorted, standardOf))
    return null;
  const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const nKnots = Math.min(different.length, MAX_KNOTS);
  const last = different.length - 1;
  return Array.from(
    { length: nKnots },
    (_, q) => different[Math.round((q * last) / (nKnots - 1))]!,
  );
}

/** Whether enough rows hold different values that are equal in 32 bits. */
function mergesValues(sorted: Float64Array, standardOf: (value: number) => number): boolean {
  const least = Math.max(LEAST_ROWS, LEAST_SHARE * sorted.length);
  let [start, previous] = [0, Number.NaN];
  for (let i = 0; i < sorted.length; i++) {
    const standard = Math.fround(standardOf(sorted[i]!));
    if (standard !== previous) [start, previous] = [i, standard];
    if (sorted[i] !== sorted[start] && i - start + 1 >= least) return true;
  }
  return false;
}

/** A value's place among the knots, within ±6. */
export function alongKnots(
  knots: readonly number[],
  { scale }: Pick<NumberFeature, "scale">,
  value: number,
): number {
  const last = knots.length - 1;
  if (value <= knots[0]!) return Math.max(-CLIP, (value - knots[0]!) / scale - RANK_BOUND);
  if (value >= knots[last]!) return Math.min(CLIP, (value - knots[last]!) / scale + RANK_BOUND);
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (knots[middle]! <= value) low = middle;
    else high = middle;
  }
  const share = (value - knots[low]!) / (knots[high]! - knots[low]!);
  return ((low + share) * 2 * RANK_BOUND) / last - RANK_BOUND;
}

/** The value at a place within ±6: the inverse of `alongKnots`. */
export function fromKnots(
  knots: readonly number[],
  { scale }: Pick<NumberFeature, "scale">,
  place: number,
): number {
  const last = knots.length - 1;
  if (place <= -RANK_BOUND) return knots[0]! + (place + RANK_BOUND) * scale;
  if (place >= RANK_BOUND) return knots[last]! + (place - RANK_BOUND) * scale;
  const rank = ((place + RANK_BOUND) * last) / (2 * RANK_BOUND);
  const low = Math.min(last - 1, Math.floor(rank));
  return knots[low]! + (rank - low) * (knots[low + 1]! - knots[low]!);
}
