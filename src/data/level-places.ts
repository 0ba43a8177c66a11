/** Levels of a category feature: which of its columns a cell sets. */
import { canonicalLevel } from "./cell.ts";
import type { CategoryFeature } from "./preprocessing.ts";

/** The place of a cell's level; undefined for a level that the feature does not know. */
export type LevelPlaces = (level: string) => number | undefined;

/**
 * Looks levels up as they are, then in their canonical spelling. Bundles of earlier versions hold
 * levels as their files spelled them (`True`), tables of programs may hold any spelling.
 */
export function levelPlaces({ levels }: Pick<CategoryFeature, "levels">): LevelPlaces {
  const places = new Map(levels.map((level, place) => [level, place]));
  levels.forEach((level, place) => {
    const canonical = canonicalLevel(level);
    if (!places.has(canonical)) places.set(canonical, place);
  });
  return (level) => places.get(level) ?? places.get(canonicalLevel(level));
}
