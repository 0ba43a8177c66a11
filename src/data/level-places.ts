/** Which matrix column of a category feature a cell sets. */
import { foldCase, levelSpellings } from "./level-spellings.ts";
import type { CategoryFeature } from "./preprocessing.ts";
import { canonicalLevel, seenText } from "./reading/cell.ts";

/**
 * Which of a category's columns is 1 for a cell, counted from its first: the last for a cell of no
 * known level; −1 if none is.
 */
export type LevelPlaces = (cell: string | number | null | undefined) => number;

/**
 * Looks levels up as they are, then without space around them in their canonical spelling, then by
 * the other spellings of level-spellings.ts. Bundles of earlier versions hold levels as their files
 * spelled them (`True`), tables of programs may hold any spelling.
 */
export function levelPlaces(feature: CategoryFeature): LevelPlaces {
  const made = madeBefore.get(feature) ?? makePlaces(feature);
  madeBefore.set(feature, made);
  return made;
}

/** A server asks for every request. */
const madeBefore = new WeakMap<CategoryFeature, LevelPlaces>();

function makePlaces({ levels, constant, closed }: CategoryFeature): LevelPlaces {
  if (constant !== undefined) return () => 0;
  const places = new Map(levels.map((level, place) => [level, place]));
  levels.forEach((level, place) => {
    const canonical = canonicalLevel(level.trim() === level ? seenText(level) : level);
    if (!places.has(canonical)) places.set(canonical, place);
  });
  const others = otherSpellings(levels);
  const other = closed === true ? -1 : levels.length;
  return (cell) => {
    if (cell == null) return other;
    const level = String(cell);
    const place = places.get(level);
    if (place !== undefined) return place;
    const canonical = canonicalLevel(seenText(level));
    return places.get(canonical) ?? others.get(foldCase(canonical)) ?? other;
  };
}

/** Places by folded texts. Levels with space around them are looked up as they are. */
function otherSpellings(levels: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  levelSpellings(levels).forEach(({ isAnyCase, words }, place) => {
    const level = levels[place]!;
    const canonical = foldCase(canonicalLevel(level));
    const folded = isAnyCase && level === level.trim() ? [canonical] : [];
    for (const text of [...folded, ...words]) if (!places.has(text)) places.set(text, place);
  });
  return places;
}
