/**
 * What the levels of a crowded category say of the target, as a number: a feature beside the 0/1
 * columns of the most frequent levels. A level that is unknown or missing says nothing: 0.
 */
import { levelPlaces } from "./level-places.ts";
import { type Feature, featureWidth, type Preprocessing } from "./preprocessing.ts";
import type { Column, LevelEffects, Table } from "./table.ts";

/** The name of the feature: "shop (effect)". */
export function levelEffectName(column: string): string {
  return `${column} (effect)`;
}

/** The effect of each cell's level. Shape (nRows,). */
export function effectsOf({ values }: Column, from: LevelEffects): Float64Array {
  return Float64Array.from<string | number | null>(values, effectReader(from));
}

/** The effect of a category that a feature is; undefined for other features. */
export function levelsOf(feature: Feature): LevelEffects | undefined {
  const from = feature.type === "number" ? feature.from : undefined;
  return from !== undefined && "levels" in from ? from : undefined;
}

/** The features whose cells are given one by one: effects are computed from their category. */
export function givenFeatures(features: readonly Feature[]): readonly Feature[] {
  return features.filter((feature) => levelsOf(feature) === undefined);
}

/** The effect of one cell's level. */
export function effectReader({
  column,
  levels,
  effects,
}: LevelEffects): (cell: string | number | null | undefined) => number {
  const placeOf = levelPlaces({ type: "category", name: column, levels });
  return (cell) => effects[placeOf(cell)] ?? 0;
}

/** The matrix columns that are effects: in training a row's own target has no part in them. */
export function effectColumns({ features }: Pick<Preprocessing, "features">): ReadonlySet<number> {
  const places = new Set<number>();
  let at = 0;
  for (const feature of features) {
    if (levelsOf(feature) !== undefined) places.add(at);
    at += featureWidth(feature);
  }
  return places;
}

/**
 * A preprocessing for which the levels of some rows are unknown: their effects, which those rows
 * had a share in, are gone.
 *
 * @param table - The rows, with the columns of the categories.
 */
export function forgetLevels<P extends Pick<Preprocessing, "features">>(
  preprocessing: P,
  table: Table,
): P {
  const features = preprocessing.features.map((feature) => {
    const from = levelsOf(feature);
    const column = table.columns.find(({ name }) => name === from?.column);
    if (from === undefined || column === undefined) return feature;
    return { ...feature, from: withoutLevels(from, column) };
  });
  return { ...preprocessing, features };
}

function withoutLevels(known: LevelEffects, { values }: Column): LevelEffects {
  const placeOf = levelPlaces({ type: "category", name: known.column, levels: known.levels });
  const gone = new Set(Array.from<string | number | null, number>(values, placeOf));
  const kept = [...known.levels.keys()].filter((place) => !gone.has(place));
  return {
    column: known.column,
    levels: kept.map((place) => known.levels[place]!),
    effects: kept.map((place) => known.effects[place]!),
  };
}
