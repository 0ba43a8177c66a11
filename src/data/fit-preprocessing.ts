/** Learning a preprocessing from training rows: medians, means, deviations, levels. */
import { BailiwickError } from "../shared/errors.ts";
import { median } from "../shared/statistics.ts";
import { frequentLevels } from "./frequent-levels.ts";
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
  const { mean, scale, isConstant } = meanAndScale(name, filled);
  const indicator = present.length < rows.length && present.length > 0;
  const learnt: NumberFeature = { type: "number", name, median: middle, mean, scale, indicator };
  if (!isConstant) return learnt;
  return { ...learnt, constant: present.length === 0 ? "no values" : "one value" };
}

function fitCategory({ name, values }: CategoryColumn, rows: Int32Array): CategoryFeature {
  const levels = frequentLevels(
    Array.from(rows, (i) => values[i]),
    MAX_LEVELS,
  );
  const feature: CategoryFeature = { type: "category", name, levels: [...levels].sort() };
  if (levels.length === 0) return { ...feature, constant: "no values" };
  const known = new Set<string | null | undefined>(levels);
  if (!rows.every((i) => known.has(values[i]))) return feature;
  return { ...feature, ...(levels.length === 1 ? { constant: "one value" } : { closed: true }) };
}

interface Spread {
  readonly mean: number;
  /** Population deviation; 1 where there is none. */
  readonly scale: number;
  readonly isConstant: boolean;
}

function meanAndScale(name: string, values: Float64Array): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / values.length);
  if (!Number.isFinite(deviation)) {
    const message = `column "${name}" must have a finite mean and deviation, found larger values`;
    throw new BailiwickError("VALUE_NOT_FINITE", message, { column: name });
  }
  const isConstant = !(deviation > CONSTANT_SHARE * Math.abs(mean));
  return { mean, scale: isConstant ? 1 : deviation, isConstant };
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
