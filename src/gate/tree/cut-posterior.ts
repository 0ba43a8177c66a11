/**
 * The distribution of one cut of one feature, given the cost of each row on either side.
 *
 * A cut between two neighbouring values costs the left costs of all rows below it and the right
 * costs of all rows above. Costs are negative log-likelihoods, and every position within the gap
 * between two values explains the rows equally well, so a cut lies in a gap with probability
 * ∝ width · exp(−cost). Source: ours; Bayes' rule with a uniform prior.
 */
import type { Matrix } from "../../shared/matrix.ts";

/** Probabilities of gaps below this are left out, so that the blended band stays narrow. */
const MIN_PROBABILITY = 1e-3;

/** A cut's distribution function, linear between knots: 0 up to the first, 1 from the last. */
export interface CutDistribution {
  /** Ascending. Shape (nKnots,), at least 2. */
  readonly values: Float64Array;
  /** P(cut < value) of each knot. First 0, last 1. Shape (nKnots,). */
  readonly below: Float64Array;
}

/** Rows in the order of one feature. */
export interface OrderedRows {
  readonly X: Matrix;
  readonly feature: number;
  /** Ascending in the feature. */
  readonly rows: Int32Array;
}

/** Costs of rows on either side of a cut, by row number. Both of shape (X.nRows,). */
export interface SideCosts {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** The least cost of a cut; Infinity if all values are equal. */
export function leastCutCost(ordered: OrderedRows, costs: SideCosts): number {
  let least = Number.POSITIVE_INFINITY;
  forEachGap(ordered, costs, (_from, _to, cost) => {
    least = Math.min(least, cost);
  });
  return least;
}

/** The distribution of the cut; null if all values are equal. */
export function cutDistribution(ordered: OrderedRows, costs: SideCosts): CutDistribution | null {
  const least = leastCutCost(ordered, costs);
  if (least === Number.POSITIVE_INFINITY) return null;
  const gaps: { from: number; to: number; weight: number }[] = [];
  let total = 0;
  forEachGap(ordered, costs, (from, to, cost) => {
    const weight = (to - from) * Math.exp(least - cost);
    gaps.push({ from, to, weight });
    total += weight;
  });
  const likely = gaps.filter(({ weight }) => weight > MIN_PROBABILITY * total);
  return distributionOf(likely.length > 0 ? likely : gaps);
}

/** Knots at both ends of each gap; between two gaps the function is level. */
function distributionOf(
  gaps: readonly { readonly from: number; readonly to: number; readonly weight: number }[],
): CutDistribution {
  const total = gaps.reduce((sum, { weight }) => sum + weight, 0);
  const values: number[] = [];
  const below: number[] = [];
  let reached = 0;
  for (const { from, to, weight } of gaps) {
    if (values.at(-1) !== from) {
      values.push(from);
      below.push(reached / total);
    }
    reached += weight;
    values.push(to);
    below.push(reached / total);
  }
  below[below.length - 1] = 1;
  return { values: Float64Array.from(values), below: Float64Array.from(below) };
}

/** Calls `visit` for each gap between neighbouring values, with the cost of a cut in it. */
function forEachGap(
  { X: { values, nColumns }, feature, rows }: OrderedRows,
  { left, right }: SideCosts,
  visit: (from: number, to: number, cost: number) => void,
): void {
  let cost = 0;
  for (const i of rows) cost += right[i]!;
  for (let p = 0; p + 1 < rows.length; p++) {
    const i = rows[p]!;
    cost += left[i]! - right[i]!;
    const from = values[i * nColumns + feature]!;
    const to = values[rows[p + 1]! * nColumns + feature]!;
    if (from < to) visit(from, to, cost);
  }
}

/** P(cut < value). */
export function shareBelow({ values, below }: CutDistribution, value: number): number {
  const last = values.length - 1;
  if (value <= values[0]!) return 0;
  if (value >= values[last]!) return 1;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle;
    else high = middle;
  }
  const share = (value - values[low]!) / (values[high]! - values[low]!);
  return below[low]! + share * (below[high]! - below[low]!);
}

/** The median of the cut's distribution. */
export function medianCut({ values, below }: CutDistribution): number {
  const high = below.findIndex((share) => share >= 0.5);
  const low = high - 1;
  const share = (0.5 - below[low]!) / (below[high]! - below[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}
