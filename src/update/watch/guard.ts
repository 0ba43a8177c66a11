/**
 * Columns that cannot be what they were: measured in other units, most likely. Nothing is learnt
 * from such rows, since what has changed is not the law.
 */
import type { Preprocessing, Table } from "../../data/index.ts";

/** A column's middle or spread that is so many times what it was, or that part of it. */
const JUMP = 100;
/** Of fewer values nobody can say. */
const MIN_VALUES = 5;

/** What is odd, a sentence each; empty if nothing is. @param y - In the target's units. */
export function oddColumns(
  { features, target }: Preprocessing,
  table: Table,
  y: Float64Array,
): readonly string[] {
  const known = [
    ...features.flatMap((feature) => {
      if (feature.type === "category") return [];
      const values = table.columns.find(({ name }) => name === feature.name)?.values;
      return values instanceof Float64Array ? [{ ...feature, values }] : [];
    }),
    { ...target, values: y },
  ];
  return known.flatMap(({ name, mean, scale, values }) => {
    const size = jumpOf(values, mean, scale);
    if (size === null) return [];
    const found = `about ${size.toPrecision(2)} times as large as in training`;
    return [`column "${name}": values are ${found}; check its units`];
  });
}

/** By how much the values have grown or shrunk; null if by no more than may happen. */
function jumpOf(values: Float64Array, mean: number, scale: number): number | null {
  const present = values.filter((value) => !Number.isNaN(value)).sort();
  if (present.length < MIN_VALUES) return null;
  const at = (share: number): number => present[Math.floor(share * (present.length - 1))]!;
  // Of a normal column, the middle half is 1.35 deviations wide.
  const [middle, spread] = [at(0.5), (at(0.75) - at(0.25)) / 1.35];
  const size = Math.hypot(middle, spread) / Math.hypot(mean, scale);
  if (size > JUMP) return size;
  // Shrunk: both middle and spread, or a column that is constant for a while would count.
  const isShrunk = Math.abs(middle) < Math.abs(mean) / JUMP && spread < scale / JUMP;
  return isShrunk && size > 0 && Math.abs(mean) > 0.1 * scale ? size : null;
}
