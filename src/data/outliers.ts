/**
 * Values of a numeric column that lie far outside the others, so that the others set its scale.
 *
 * Two kinds. A *code* is one exact value, in many rows or in several columns, at a distance from
 * all others: -9999 for "not measured". A *wild* value is far out but not repeated: a typing error,
 * or a very heavy tail.
 * Both spoil mean and standard deviation: one 1e12 among 500 ordinary values makes all others equal
 * in 32 bits.
 *
 * Source: ours; quantile spreads as in Hampel et al., Robust Statistics (1986), chapter 1.
 */

/** A code is in this share of the rows at least, and in `LEAST_ROWS`. */
const LEAST_SHARE = 0.001;
const LEAST_ROWS = 3;
/** Different codes that a column can have on one side of its values. */
const MAX_CODES = 3;
/** A code's least distance from the others, in their ranges, by their number. */
const DISTANCES = [
  { leastDistinct: 10, ranges: 3 },
  { leastDistinct: 5, ranges: 10 },
];
/** Share of rare, far values that the search for codes may skip. */
const PASSED_OVER = 0.01;

/** Tails are heavy if the standard deviation is over this many spreads. */
const HEAVY = 3;
/** Values within this many spreads of the median set mean and deviation. */
const FENCE = 10;

interface Run {
  readonly value: number;
  readonly count: number;
}

/**
 * The codes of each column, ascending.
 *
 * @param columns - Their values, ascending, none of them NaN.
 */
export function findCodes(columns: readonly Float64Array[]): readonly (readonly number[])[] {
  const shared = sharedCodes(columns);
  return columns.map((sorted) => {
    const least = Math.max(LEAST_ROWS, Math.ceil(LEAST_SHARE * sorted.length));
    return codesOf(sorted, ({ value, count }) => count >= least || shared.has(value));
  });
}

/** Values that two columns have far outside, in `LEAST_ROWS` rows of all: too rare for one. */
function sharedCodes(columns: readonly Float64Array[]): ReadonlySet<number> {
  const places = new Map<number, { nColumns: number; nRows: number }>();
  for (const sorted of columns.filter(mayHoldCodes)) {
    for (const code of codesOf(sorted, () => true)) {
      const { nColumns, nRows } = places.get(code) ?? { nColumns: 0, nRows: 0 };
      const nOwn = sorted.filter((value) => value === code).length;
      places.set(code, { nColumns: nColumns + 1, nRows: nRows + nOwn });
    }
  }
  const codes = [...places.keys()].filter((code) => {
    const { nColumns, nRows } = places.get(code)!;
    return nColumns > 1 && nRows >= LEAST_ROWS;
  });
  return new Set(codes);
}

/** Whether an end is as far from the middle half as a rare code is from all others. */
function mayHoldCodes(sorted: Float64Array): boolean {
  if (sorted.length === 0) return false;
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  const distance = DISTANCES[0]!.ranges * (at(0.75) - at(0.25));
  return at(0.25) - at(0) >= distance || at(1) - at(0.75) >= distance;
}

function codesOf(sorted: Float64Array, mayBeCode: (run: Run) => boolean): readonly number[] {
  const runs = withoutStragglers(
    runsOf(sorted),
    mayBeCode,
    Math.floor(PASSED_OVER * sorted.length),
  );
  return (
    SIDES.map((sides) => codesOutside(runs, sides, mayBeCode)).find((codes) => codes !== null) ?? []
  );
}

/** Distinct values with their counts, ascending. */
function runsOf(sorted: Float64Array): readonly Run[] {
  const runs: { value: number; count: number }[] = [];
  for (const value of sorted) {
    const last = runs.at(-1);
    if (last?.value === value) last.count++;
    else runs.push({ value, count: 1 });
  }
  return runs;
}

/** The runs without the outermost ones that are too rare to be codes, up to `budget` values. */
function withoutStragglers(
  runs: readonly Run[],
  mayBeCode: (run: Run) => boolean,
  budget: number,
): readonly Run[] {
  let [first, last, left] = [0, runs.length - 1, budget];
  const canDrop = (at: number): boolean => !mayBeCode(runs[at]!) && runs[at]!.count <= left;
  while (first < last && (canDrop(first) || canDrop(last))) {
    const middle = runs[(first + last) >> 1]!.value;
    const isFirstFarther = middle - runs[first]!.value > runs[last]!.value - middle;
    const at = canDrop(first) && (isFirstFarther || !canDrop(last)) ? first++ : last--;
    left -= runs[at]!.count;
  }
  return runs.slice(first, last + 1);
}

interface Sides {
  readonly low: number;
  readonly high: number;
}

/** How many codes there may be on each side, the most first. */
const SIDES: readonly Sides[] = Array.from({ length: (MAX_CODES + 1) ** 2 - 1 }, (_, s) => ({
  low: (s + 1) % (MAX_CODES + 1),
  high: Math.floor((s + 1) / (MAX_CODES + 1)),
})).sort((a, b) => b.low + b.high - a.low - a.high);

/** The `low` least and the `high` most values, if they are codes beside all others; else null. */
function codesOutside(
  runs: readonly Run[],
  { low, high }: Sides,
  mayBeCode: (run: Run) => boolean,
): readonly number[] | null {
  const end = runs.length - high;
  const needed = DISTANCES.find(({ leastDistinct }) => end - low >= leastDistinct);
  if (needed === undefined) return null;
  const codes = [...runs.slice(0, low), ...runs.slice(end)];
  if (!codes.every(mayBeCode)) return null;
  const [first, last] = [runs[low]!.value, runs[end - 1]!.value];
  const distance = needed.ranges * (last - first);
  const isLowFar = low === 0 || first - runs[low - 1]!.value >= distance;
  const isHighFar = high === 0 || runs[end]!.value - last >= distance;
  return isLowFar && isHighFar ? codes.map(({ value }) => value) : null;
}

/** The least and the most of the values that set a column's scale. */
export interface Fences {
  readonly least: number;
  readonly most: number;
}

/**
 * Fences around a column's bulk; null if its tails are no heavier than usual, so that all values
 * are to set its scale.
 *
 * @param sorted - Its values without codes, ascending.
 * @param deviation - The standard deviation of all of them, infinite if it overflows.
 */
export function findFences(sorted: Float64Array, deviation: number): Fences | null {
  if (sorted.length === 0) return null;
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  // Each is the standard deviation of a normal column.
  const spread = Math.max((at(0.75) - at(0.25)) / 1.349, (at(0.95) - at(0.05)) / 3.29);
  if (spread === 0 || deviation <= HEAVY * spread) return null;
  const fences = { least: at(0.5) - FENCE * spread, most: at(0.5) + FENCE * spread };
  const isOutside = sorted[0]! < fences.least || sorted.at(-1)! > fences.most;
  return isOutside ? fences : null;
}
