/**
 * Sums that get noise: one row's part of each has a length of 1 at most, whatever the row holds,
 * and the noise is in that unit. Parts are whole multiples of the fixed point's step, so that sums
 * are exact and a row's part does not depend on the others. The noise itself is not added here.
 */
import { privateRidgeSums } from "../../experts/index.ts";
import { FIXED_POINT } from "../../shared/fixed-point.ts";
import { histogramCounts } from "./column-sums.ts";
import {
  NOISED_BINS,
  type NoisedHistogramQuery,
  type NoisedRidgeQuery,
  privateForm,
} from "./query.ts";
import type { PreparedRows, SiteRows } from "./rows.ts";

/** What one row adds to each entry that it is counted in, of that many columns and the target. */
export function countOfRow(nColumns: number): number {
  // Once among all rows, and once in each column: the squares of these sum to 1.
  return Math.trunc(FIXED_POINT / Math.sqrt(nColumns + 2)) / FIXED_POINT;
}

/** The number of rows, then histograms of the columns and of the target. */
export function noisedHistogramSums(rows: SiteRows, query: NoisedHistogramQuery): Float64Array {
  const one = countOfRow(query.names.length);
  const counts = histogramCounts(rows, query, NOISED_BINS);
  return Float64Array.from([rows.y.length, ...counts], (count) => one * count);
}

export function noisedRidgeSums(rows: PreparedRows, query: NoisedRidgeQuery): Float64Array {
  return privateRidgeSums(rows, privateForm(query));
}
