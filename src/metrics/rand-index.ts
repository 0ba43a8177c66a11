/** How far two divisions of the same rows agree, chance taken off. */
import { checkLength } from "../shared/errors.ts";

/**
 * Adjusted Rand index: 1 for equal divisions whatever their numbering, about 0 for unrelated ones.
 * Source: Hubert & Arabie 1985, equation 5. Two divisions into one part each agree: 1.
 *
 * @param a - The part of each row, integers. Shape (nRows,).
 * @param b - Likewise, same length.
 */
export function adjustedRandIndex(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkLength("b.length", b.length, a.length);
  const cells = new Map<string, number>();
  const inA = new Map<number, number>();
  const inB = new Map<number, number>();
  for (let i = 0; i < a.length; i++) {
    add(cells, `${a[i]} ${b[i]}`);
    add(inA, a[i]!);
    add(inB, b[i]!);
  }
  const [together, pairsA, pairsB] = [countPairs(cells), countPairs(inA), countPairs(inB)];
  const expected = (pairsA * pairsB) / Math.max(1, choose2(a.length));
  const most = (pairsA + pairsB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function countPairs(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + choose2(count), 0);
}

function choose2(count: number): number {
  return (count * (count - 1)) / 2;
}
