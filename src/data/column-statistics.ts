/**
 * What the training cells of number columns were like, in a few numbers that a bundle keeps. A
 * batch of later rows is compared with these, each statistic with the same one.
 */
import type { ColumnStatistics, Preprocessing } from "./preprocessing.ts";
import type { Table } from "./table.ts";

/** Where the quantiles of a column are taken. */
const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Of every number feature, and of the target, which comes last. @param rows - Training rows. */
export function columnStatistics(
  table: Table,
  { features, target }: Pick<Preprocessing, "features" | "target">,
  y: Float64Array,
  rows: Int32Array,
): readonly ColumnStatistics[] {
  const names = new Set(features.filter(({ type }) => type === "number").map(({ name }) => name));
  const columns = table.columns.flatMap((column) =>
    column.type === "number" && names.has(column.name) ? [column] : [],
  );
  return [...columns, { name: target.name, values: y }].map(({ name, values }) =>
    statisticsOf(
      name,
      Float64Array.from(rows, (i) => values[i]!),
    ),
  );
}

/** @param values - NaN where missing. */
export function statisticsOf(name: string, values: Float64Array): ColumnStatistics {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const n = sorted.length;
  if (n === 0) return { name, quantiles: [], commonest: null };
  const quantiles = LEVELS.map((level) => sorted[Math.round(level * (n - 1))]! + 0);
  return { name, quantiles, commonest: commonestOf(sorted) };
}

/** @param sorted - Ascending; at least one. */
function commonestOf(sorted: Float64Array): { readonly value: number; readonly share: number } {
  let [most, run, value] = [0, 0, 0];
  for (let i = 0; i < sorted.length; i++) {
    run = i > 0 && sorted[i] === sorted[i - 1] ? run + 1 : 1;
    if (run <= most) continue;
    most = run;
    value = sorted[i]! + 0;
  }
  return { value, share: most / sorted.length };
}
