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

/** Pearson's correlation of two lists of equal length; 0 where one does not vary. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const meanOf = (at: (i: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += at(i);
    return sum / a.length;
  };
  const [meanA, meanB] = [meanOf((i) => a[i]!), meanOf((i) => b[i]!)];
  const product = meanOf((i) => (a[i]! - meanA) * (b[i]! - meanB));
  const spreads = meanOf((i) => (a[i]! - meanA) ** 2) * meanOf((i) => (b[i]! - meanB) ** 2);
  return spreads > 0 ? product / Math.sqrt(spreads) : 0;
}
