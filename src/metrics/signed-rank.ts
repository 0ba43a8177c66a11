/** Is one method better than another over data sets, each of which counts once? */
import { midranks } from "./ranks.ts";

export interface SignedRankTest {
  /** Sum of the ranks of the positive differences. */
  readonly positive: number;
  /** Two-sided, exact; 1 where nothing differs. */
  readonly p: number;
  /** Differences that are not 0: the others say nothing and are left out. */
  readonly n: number;
}

/**
 * Wilcoxon's signed-rank test, exact with ties too: every assignment of signs to the given ranks
 * is equally likely. Cost: O(n³) for n differences. Source: Wilcoxon 1945.
 */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const apart = differences.filter((d) => d !== 0);
  const n = apart.length;
  if (n === 0) return { positive: 0, p: 1, n };
  // Twice the ranks are whole numbers, which index the table of sums.
  const doubled = midranks(apart.map(Math.abs)).map((rank) => 2 * rank);
  const sum = doubled.reduce((total, rank, i) => total + (apart[i]! > 0 ? rank : 0), 0);
  const likely = distributionOfSums(doubled);
  const below = likely.slice(0, sum + 1).reduce(add, 0);
  const above = likely.slice(sum).reduce(add, 0);
  return { positive: sum / 2, p: Math.min(1, 2 * Math.min(below, above)), n };
}

/** How likely each sum of a random half of whole numbers is. */
function distributionOfSums(parts: readonly number[]): Float64Array {
  const likely = new Float64Array(parts.reduce(add, 0) + 1);
  likely[0] = 1;
  for (const part of parts) {
    for (let sum = likely.length - 1; sum >= 0; sum--) {
      likely[sum] = (likely[sum]! + (likely[sum - part] ?? 0)) / 2;
    }
  }
  return likely;
}

function add(a: number, b: number): number {
  return a + b;
}
