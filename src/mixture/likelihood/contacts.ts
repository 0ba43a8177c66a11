/** Which parts of the inputs touch: rows of one are among the nearest rows of the other. */

/** Fewer rows in touch are chance. */
const LEAST_CONTACTS = 2;

/**
 * @param neighbours - The nearest rows of every row.
 * @param labels - The part of every row, in [0, nParts).
 * @returns Whether any part of a list touches any part of another.
 */
export function touchOf(
  neighbours: readonly Int32Array[],
  labels: Int32Array,
  nParts: number,
): (a: readonly number[], b: readonly number[]) => boolean {
  const counts = new Int32Array(nParts * nParts);
  neighbours.forEach((near, i) => {
    const label = labels[i]!;
    const others = new Set(Array.from(near, (j) => labels[j]!));
    for (const other of others) counts[label * nParts + other]! += 1;
  });
  return (a, b) => {
    let sum = 0;
    for (const p of a) for (const q of b) sum += counts[p * nParts + q]! + counts[q * nParts + p]!;
    return sum >= LEAST_CONTACTS;
  };
}
