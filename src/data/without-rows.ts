/**
 * A preprocessing after some of its training rows were forgotten: what may hold a value of a single
 * row is taken from the rows that are left. Means and deviations stay, so that inputs do too.
 */
import { fitPreprocessing } from "./fit-preprocessing.ts";
import { forgetLevels } from "./level-effects.ts";
import type { CategoryFeature, Feature, NumberFeature, Preprocessing } from "./preprocessing.ts";
import type { Table } from "./table.ts";
import { fitTarget } from "./target-scale.ts";

/**
 * @param gone - The forgotten rows: effects of their levels, in which they had a share, are gone.
 * @param left - The rows that are left; it may have columns that are no features.
 * @param y - The targets of those.
 * @throws as `fitPreprocessing`.
 */
export function preprocessingWithout(
  known: Preprocessing,
  gone: Table,
  left: Table,
  y: Float64Array,
): Preprocessing {
  const before = forgetLevels(known, gone);
  const { target } = before;
  const names = new Set(before.features.map(({ name }) => name));
  const features = { ...left, columns: left.columns.filter(({ name }) => names.has(name)) };
  const now = fitPreprocessing(features, y, Int32Array.from(y.keys()), target.name);
  const { least, most } = fitTarget(target.name, y, target.transform);
  return {
    ...before,
    features: before.features.map((feature) => withoutRows(feature, now, features)),
    target: { ...target, least, most },
    ...(before.statistics && now.statistics && { statistics: now.statistics }),
  };
}

function withoutRows(before: Feature, { features }: Preprocessing, table: Table): Feature {
  const now = features.find(({ name }) => name === before.name);
  if (before.type === "category") return withoutLevels(before, table);
  return now?.type === "number" ? withValuesOf(before, now) : before;
}

function withValuesOf(before: NumberFeature, { median, knots }: NumberFeature): NumberFeature {
  const isRanked = before.knots !== undefined && knots !== undefined;
  return { ...before, median, ...(isRanked ? { knots } : {}) };
}

/** Each level keeps its place, and one that no row has any more loses its text. */
function withoutLevels(before: CategoryFeature, table: Table): CategoryFeature {
  const column = table.columns.find(({ name }) => name === before.name);
  if (column?.type !== "category") return before;
  const present = new Set(column.values);
  const levels = before.levels.map((level, place) =>
    present.has(level) ? level : `(forgotten ${place})`,
  );
  return { ...before, levels };
}
