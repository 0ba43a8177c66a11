/**
 * A forecast of traffic: exponential smoothing of a level and, after a first day, of a daily season
 * (Holt 1957, Winters 1960; multiplicative, without a trend).
 */

import type { Method } from "./method.ts";

/** How far one value moves the level and its part of the day. */
const LEVEL_SHARE = 0.3;
const SEASON_SHARE = 0.05;
/** Parts of a day, each with a separate factor. */
const PARTS = 24;
const DAY_HOURS = 24;

/** @param n - Series. */
export function createHoltWinters(n: number): Method {
  const level = new Float64Array(n);
  let season: Float64Array | null = null;
  const firstDay = { sums: new Float64Array(n * PARTS), counts: new Float64Array(PARTS) };
  let nSeen = 0;

  /** Interpolated between the middles of two parts; 1 in the first day. */
  const factorAt = (i: number, hour: number): number => {
    if (season === null) return 1;
    const at = ((hour % DAY_HOURS) / DAY_HOURS) * PARTS - 0.5;
    const low = Math.floor(at);
    const [a, b] = [(low + PARTS) % PARTS, (low + 1) % PARTS];
    return season[i * PARTS + a]! * (low + 1 - at) + season[i * PARTS + b]! * (at - low);
  };
  const learnSeason = (hour: number, traffic: Float64Array): void => {
    const part = partOf(hour);
    if (season === null) {
      firstDay.counts[part]! += 1;
      traffic.forEach((value, i) => {
        firstDay.sums[i * PARTS + part]! += value;
      });
      return;
    }
    for (const [i, value] of traffic.entries()) {
      const at = i * PARTS + part;
      if (level[i]! > 0) season[at]! += SEASON_SHARE * (value / level[i]! - season[at]!);
    }
  };
  return {
    observe(hour, traffic) {
      if (season === null && hour >= DAY_HOURS) season = seasonOf(firstDay, n);
      traffic.forEach((value, i) => {
        const plain = value / Math.max(factorAt(i, hour), LEAST_FACTOR);
        level[i]! += nSeen === 0 ? plain : LEVEL_SHARE * (plain - level[i]!);
      });
      learnSeason(hour, traffic);
      nSeen += 1;
    },
    expect: (hour) => level.map((value, i) => value * factorAt(i, hour)),
  };
}

const LEAST_FACTOR = 1e-3;

function partOf(hour: number): number {
  return Math.floor(((hour % DAY_HOURS) / DAY_HOURS) * PARTS) % PARTS;
}

/** Each part's mean ÷ the day's mean; 1 where nothing was seen. */
function seasonOf(
  { sums, counts }: { readonly sums: Float64Array; readonly counts: Float64Array },
  n: number,
): Float64Array {
  const season = new Float64Array(n * PARTS).fill(1);
  for (let i = 0; i < n; i++) {
    const day = sumOf(sums.subarray(i * PARTS, (i + 1) * PARTS)) / Math.max(1, sumOf(counts));
    for (let part = 0; part < PARTS && day > 0; part++) {
      if (counts[part]! > 0)
        season[i * PARTS + part] = sums[i * PARTS + part]! / counts[part]! / day;
    }
  }
  return season;
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
