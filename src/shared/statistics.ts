/** Statistics of plain lists of numbers. */

/**
 * The median: the middle of the sorted values, or the mean of the two middle ones.
 *
 * @param values - In any order, without NaN; not modified.
 * @returns NaN for no values.
 */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (sorted[middle - 1]! + high) / 2;
}

/** The geometric mean of positive values; NaN for no values. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
