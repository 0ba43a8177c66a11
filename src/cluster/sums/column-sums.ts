/** Sums over columns as they were read: what a preprocessing is learnt from. */
import { BailiwickError } from "../../shared/errors.ts";
import {
  BINS,
  type BucketsQuery,
  type HistogramQuery,
  LEAST_POWER,
  MOMENTS,
  MOST_POWER,
  type MomentsQuery,
  N_BUCKETS,
  N_POWERS,
} from "./query.ts";
import type { SiteRows } from "./rows.ts";

export function bucketCounts(rows: SiteRows, { names, categories }: BucketsQuery): Float64Array {
  const counts: number[] = [];
  for (const values of numberColumns(rows, names)) {
    const own = new Float64Array(N_BUCKETS);
    for (const value of values) if (!Number.isNaN(value)) own[bucketOf(value)]! += 1;
    counts.push(...own);
  }
  for (const { name, levels } of categories) counts.push(...levelCounts(rows, name, levels));
  return Float64Array.from(counts);
}

/** Of each level, of all others, and of missing cells. */
function levelCounts(
  { features }: SiteRows,
  name: string,
  levels: readonly string[],
): Float64Array {
  const column = features.columns.find((own) => own.name === name);
  if (column?.type !== "category") throw noColumn(name, "categories");
  const places = new Map(levels.map((level, place) => [level, place]));
  const counts = new Float64Array(levels.length + 2);
  for (const cell of column.values) {
    const place = cell === null ? levels.length + 1 : (places.get(cell) ?? levels.length);
    counts[place]! += 1;
  }
  return counts;
}

export function histogramCounts(
  rows: SiteRows,
  { names, least, most }: Omit<HistogramQuery, "kind">,
  nBins: number = BINS,
): Float64Array {
  const columns = numberColumns(rows, names);
  const size = nBins + 2;
  const counts = new Float64Array(columns.length * size);
  columns.forEach((values, c) => {
    const own = counts.subarray(c * size, (c + 1) * size);
    for (const value of values) {
      if (!Number.isNaN(value)) own[binOf(value, [least[c]!, most[c]!], nBins)]! += 1;
    }
  });
  return counts;
}

/** 0 below the range, nBins + 1 above it. The most belongs to the last bin. */
function binOf(
  value: number,
  [least, most]: readonly [least: number, most: number],
  nBins: number,
): number {
  if (value < least) return 0;
  if (value > most) return nBins + 1;
  if (value === most) return nBins;
  return 1 + Math.min(nBins - 1, Math.floor((nBins * (value - least)) / (most - least)));
}

export function momentSums(
  rows: SiteRows,
  { names, least, most, centres, units }: MomentsQuery,
): Float64Array {
  const columns = numberColumns(rows, names);
  const sums = new Float64Array(columns.length * MOMENTS);
  columns.forEach((values, c) => {
    const at = c * MOMENTS;
    sums[at] = values.length;
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      sums[at + 1]! += 1;
      if (value < least[c]! || value > most[c]!) continue;
      const distance = (value - centres[c]!) / units[c]!;
      sums[at + 2]! += 1;
      sums[at + 3]! += distance;
      sums[at + 4]! += distance * distance;
    }
  });
  return sums;
}

/** @throws COLUMN_MISSING for a name of no column of numbers. */
function numberColumns({ features, y }: SiteRows, names: readonly string[]): Float64Array[] {
  const columns = names.map((name) => {
    const column = features.columns.find((own) => own.name === name);
    if (column?.type !== "number") throw noColumn(name, "numbers");
    return column.values;
  });
  return [...columns, y];
}

function noColumn(name: string, of: string): BailiwickError {
  return new BailiwickError("COLUMN_MISSING", `a column "${name}" of ${of} must be there`, {
    column: name,
  });
}

/** The place of a value among the buckets: negative ones from the largest, 0, positive ones. */
function bucketOf(value: number): number {
  const size = Math.abs(value);
  if (!(size >= 2 ** LEAST_POWER)) return N_POWERS;
  const power = Math.min(MOST_POWER, Math.floor(Math.log2(size)));
  const place = power - LEAST_POWER + 1;
  return value > 0 ? N_POWERS + place : N_POWERS - place;
}

/** The range of a bucket. */
export function bucketRange(bucket: number): readonly [least: number, most: number] {
  const place = bucket - N_POWERS;
  const smallest = 2 ** LEAST_POWER;
  if (place === 0) return [-smallest, smallest];
  const power = LEAST_POWER + Math.abs(place) - 1;
  const [least, most] = [2 ** power, 2 ** (power + 1)];
  return place > 0 ? [least, most] : [-most, -least];
}
