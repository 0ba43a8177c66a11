/** Counts the levels of categorical columns. */

/**
 * The most frequent levels, in descending order of frequency, and of equally frequent ones in
 * alphabetical order.
 *
 * @param values - One for each row; null is missing.
 */
export function frequentLevels(
  values: Iterable<string | null | undefined>,
  mostLevels: number,
): readonly string[] {
  const counts = new Map<string, number>();
  for (const level of values) {
    if (level != null) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, mostLevels)
    .map(([level]) => level);
}
