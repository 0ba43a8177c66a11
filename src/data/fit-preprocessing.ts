/** Learns a preprocessing from training rows: medians, means, deviations, levels. */
import { BailiwickError } from "../shared/errors.ts";
import { median } from "../shared/statistics.ts";
import { columnStatistics } from "./column-statistics.ts";
import { datePartsOf } from "./date-features.ts";
import { frequentLevels } from "./frequent-levels.ts";
import { levelEffectName } from "./level-effects.ts";
import { findCodes } from "./outliers.ts";
import type { CategoryFeature, Feature, NumberFeature, Preprocessing } from "./preprocessing.ts";
import { findKnots } from "./ranks.ts";
import { robustScale, standardise } from "./scaling.ts";
import type { CategoryColumn, NumberColumn, Table } from "./table.ts";
import { checkTargets } from "./target.ts";
import { fitTarget } from "./target-scale.ts";

/** Levels kept of a categorical column; rarer ones count as unknown. */
export const MAX_LEVELS = 50;

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
  const effects = (table.effects ?? []).map((own) => [levelEffectName(own.column), own] as const);
  const computed = new Map<string, NumberFeature["from"]>([...datePartsOf(table), ...effects]);
  const numbers = table.columns.filter((column) => column.type === "number");
  const present = numbers.map(({ values }) => presentOf(values, rows));
  const codes = findCodes(present);
  const sortedOf = new Map(
    numbers.map((column, j) => [column, { present: present[j]!, codes: codes[j]! }]),
  );
  const features = table.columns.map((column): Feature => {
    if (column.type === "category") return fitCategory(column, rows);
    const from = computed.get(column.name);
    const learnt = fitNumber(column, rows, sortedOf.get(column)!);
    return { ...learnt, ...(from === undefined ? {} : { from }) };
  });
  const targets = Float64Array.from(rows, (i) => y[i]!);
  checkTargets(targetName, targets);
  const target = fitTarget(targetName, targets);
  const { missing, readings } = table;
  const statistics = columnStatistics(table, { features, target }, y, rows);
  return {
    features,
    target,
    ...(missing === undefined ? {} : { missing }),
    ...(readings === undefined ? {} : { readings }),
    statistics,
  };
}

/** The values of these rows that are not missing, ascending. */
function presentOf(values: Float64Array, rows: Int32Array): Float64Array {
  const present = Float64Array.from(rows, (i) => values[i]!).filter((v) => !Number.isNaN(v));
  return present.sort();
}

interface SortedColumn {
  readonly present: Float64Array;
  readonly codes: readonly number[];
}

function fitNumber(
  { name, values }: NumberColumn,
  rows: Int32Array,
  { present, codes }: SortedColumn,
): NumberFeature {
  const isKnown = (value: number): boolean => !Number.isNaN(value) && !codes.includes(value);
  const known = codes.length === 0 ? present : present.filter(isKnown);
  const middle = known.length === 0 ? 0 : median(known);
  const filled = Float64Array.from(rows, (i) => (isKnown(values[i]!) ? values[i]! : middle));
  const scaling = robustScale(name, filled, known);
  const learnt: NumberFeature = {
    type: "number",
    name,
    median: middle,
    mean: scaling.mean,
    scale: scaling.scale,
    indicator: known.length < rows.length && known.length > 0,
    ...(codes.length === 0 ? {} : { codes }),
    ...(scaling.hasHeavyTails ? { tails: "bounded" as const } : {}),
  };
  if (!scaling.isConstant) {
    const knots = findKnots(known, (value) => standardise(learnt, value));
    return knots === null ? learnt : ranked(learnt, knots);
  }
  return { ...learnt, constant: known.length === 0 ? "no values" : "one value" };
}

/** Knots take the place of tails. */
function ranked({ tails: _, ...feature }: NumberFeature, knots: readonly number[]): NumberFeature {
  return { ...feature, knots };
}

function fitCategory({ name, values }: CategoryColumn, rows: Int32Array): CategoryFeature {
  const cells = Array.from(rows, (i) => values[i]);
  const levels = frequentLevels(cells, MAX_LEVELS);
  const known = new Set<string | null | undefined>(levels);
  const nRare = cells.filter((cell) => cell != null && !known.has(cell)).length;
  const rare = nRare === 0 ? {} : { rare: nRare / rows.length };
  const feature: CategoryFeature = { type: "category", name, levels: [...levels].sort(), ...rare };
  if (levels.length === 0) return { ...feature, constant: "no values" };
  if (!cells.every((cell) => known.has(cell))) return feature;
  return { ...feature, ...(levels.length === 1 ? { constant: "one value" } : { closed: true }) };
}
