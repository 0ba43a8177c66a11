/** Learning a preprocessing from training rows: medians, means, deviations, levels. */
import { BailiwickError } from "../shared/errors.ts";
import { median } from "../shared/statistics.ts";
import { frequentLevels } from "./levels.ts";
import type { CategoryFeature, Feature, NumberFeature, Preprocessing } from "./preprocessing.ts";
import type { CategoryColumn, NumberColumn, Table } from "./table.ts";

/** Levels kept of a categorical column; rarer ones count as unknown. */
const MAX_LEVELS = 50;
/** Predictions may leave the training targets' range by this share of it. */
const RANGE_MARGIN = 0.1;
/** A deviation below this share of the mean is rounding, not spread. */
const CONSTANT_SHARE = 1e-12;

/**
 * @param y - Targets of all rows of `table`, finite.
 * @param rows - The training rows: nothing is learnt from any other.
 * @throws COLUMN_MISSING if the table has no column to predict from; TOO_FEW_ROWS without rows.
 * @throws VALUE_NOT_FINITE if a column's values are too large to be summed.
 */
export function fitPreprocessing(
  table: Table,
  y: Float64Array,
  rows: Int32Array,
  targetName: string,
): Preprocessing {
  if (table.columns.length === 0) {
    throw new BailiwickError("COLUMN_MISSING", "at least one column must be left as a feature");
  }
  if (rows.length === 0) {
    throw new BailiwickError("TOO_FEW_ROWS", "a preprocessing needs training rows, got none");
  }
  const features = table.columns.map(
    (column): Feature =>
      column.type === "number" ? fitNumber(column, rows) : fitCategory(column, rows),
  );
  const targets = Float64Array.from(rows, (i) => y[i]!);
  const { mean, scale } = meanAndScale(targetName, targets);
  const [lowest, highest] = [targets.reduce(lesser), targets.reduce(greater)];
  const margin = RANGE_MARGIN * (highest - lowest);
  const target = { name: targetName, mean, scale, least: lowest - margin, most: highest + margin };
  const { missing } = table;
  return { features, target, ...(missing === undefined ? {} : { missing }) };
}

function fitNumber({ name, values }: NumberColumn, rows: Int32Array): NumberFeature {
  const present = Float64Array.from(rows, (i) => values[i]!).filter((v) => !Number.isNaN(v));
  const middle = present.length === 0 ? 0 : median(present);
  const filled = Float64Array.from(rows, (i) => (Number.isNaN(values[i]!) ? middle : values[i]!));
  const indicator = present.length < rows.length;
  return { type: "number", name, median: middle, ...meanAndScale(name, filled), indicator };
}

function fitCategory({ name, values }: CategoryColumn, rows: Int32Array): CategoryFeature {
  const levels = frequentLevels(
    Array.from(rows, (i) => values[i]),
    MAX_LEVELS,
  );
  return { type: "category", name, levels: [...levels].sort() };
}

/** Population deviation; 1 where there is none, so that a constant column becomes 0. */
function meanAndScale(name: string, values: Float64Array): { mean: number; scale: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / values.length);
  if (!Number.isFinite(deviation)) {
    const message = `column "${name}" must have a finite mean and deviation, found larger values`;
    throw new BailiwickError("VALUE_NOT_FINITE", message, { column: name });
  }
  return { mean, scale: deviation > CONSTANT_SHARE * Math.abs(mean) ? deviation : 1 };
}

const lesser = (a: number, b: number): number => Math.min(a, b);
const greater = (a: number, b: number): number => Math.max(a, b);

/** What a user should know of the columns, a sentence each. */
export function describeOddities(table: Table): readonly string[] {
  return table.columns.flatMap((column) => {
    const present = column.values.filter((v) => v !== null && !Number.isNaN(v));
    const distinct = new Set<unknown>(present);
    if (distinct.size === 0) return [`column "${column.name}" has no values`];
    if (distinct.size === 1) return [`column "${column.name}" is constant`];
    if (column.type === "category" && distinct.size > MAX_LEVELS) {
      return [
        `column "${column.name}" has ${distinct.size} levels; the ${MAX_LEVELS} most frequent ` +
          "are told apart, the others count as unknown",
      ];
    }
    return [];
  });
}
