/** Categories whose cells are mostly levels that training did not have, or spell them otherwise. */
import { describeBlankRows } from "./blank-rows.ts";
import { levelsOf } from "./level-effects.ts";
import { levelPlaces } from "./level-places.ts";
import { movedConstants } from "./moved-constants.ts";
import type { CategoryFeature, Preprocessing } from "./preprocessing.ts";
import { canonicalLevel } from "./reading/cell.ts";
import type { LevelEffects, Table } from "./table.ts";

/** More unknown cells than this share are most of them. */
const MOST = 0.5;
/** Bundles that do not say how many levels were rare had at most this many levels of a column. */
const FULL = 50;
const MAX_EXAMPLE_CHARS = 60;
const MAX_EXAMPLES = 3;

export interface UnknownLevels {
  readonly column: string;
  /** Cells with a level that the model does not know, of those that are not missing. */
  readonly nUnknown: number;
  readonly nCells: number;
  /** One of these levels. */
  readonly example: string;
}

/**
 * The category columns of which most cells hold levels that the model does not know. Columns that
 * had as many rare levels in training, names for example, are left out.
 *
 * @param table - With the model's columns; one that it lacks is passed over.
 */
export function unknownLevels({ features }: Preprocessing, table: Table): readonly UnknownLevels[] {
  return features.flatMap((feature) => {
    if (feature.type === "number" || feature.constant !== undefined) return [];
    const column = table.columns.find(({ name }) => name === feature.name);
    const effects = effectsOn(features, feature.name);
    if (column === undefined || (effects === undefined && hasManyRare(feature))) return [];
    const known: CategoryFeature = effects === undefined ? feature : { ...feature, ...effects };
    const placeOf = levelPlaces(known);
    const present = Array.from<number | string | null>(column.values).filter((v) => v !== null);
    const isKnown = (place: number): boolean => place >= 0 && place < known.levels.length;
    const unknown = present.filter((value) => !isKnown(placeOf(value)));
    if (unknown.length <= MOST * present.length) return [];
    const [nUnknown, nCells] = [unknown.length, present.length];
    return [{ column: feature.name, nUnknown, nCells, example: String(unknown[0]) }];
  });
}

/** All levels of a crowded category. */
function effectsOn(
  features: Preprocessing["features"],
  column: string,
): Pick<LevelEffects, "levels"> | undefined {
  const found = features.map(levelsOf).find((from) => from?.column === column);
  return found && { levels: found.levels };
}

function hasManyRare({ rare, levels }: CategoryFeature): boolean {
  return rare === undefined ? levels.length === FULL : rare > MOST;
}

/** Columns with cells that are taken for a level which training spelled otherwise. */
function spelledOtherwise({ features }: Preprocessing, table: Table): readonly UnlikeColumn[] {
  return features.flatMap((feature) => {
    if (feature.type === "number" || feature.constant !== undefined) return [];
    const column = table.columns.find(({ name }) => name === feature.name);
    if (column === undefined) return [];
    const known = { ...feature, ...effectsOn(features, feature.name) };
    const takenFor = levelsSpelledOtherwise(known);
    const cells = Array.from<number | string | null>(column.values).filter(
      (cell) => takenFor(cell) !== null,
    );
    const texts = [...new Set(cells)].slice(0, MAX_EXAMPLES);
    const read = texts.map((text) => [String(text), takenFor(text)!] as const);
    return cells.length === 0 ? [] : [otherSpelling(feature.name, cells.length, read)];
  });
}

/** The level that a cell is taken for; null if it is unknown, or spelled as in training. */
function levelsSpelledOtherwise({ name, levels }: CategoryFeature) {
  const placeOf = levelPlaces({ type: "category", name, levels });
  const canonical = levels.map((level) => canonicalLevel(level.trim()));
  return (cell: number | string | null): string | null => {
    const place = placeOf(cell);
    const level = levels[place];
    if (level === undefined || cell === level) return null;
    return canonicalLevel(String(cell).trim()) === canonical[place] ? null : level;
  };
}

function otherSpelling(
  column: string,
  nCells: number,
  read: readonly (readonly [text: string, level: string])[],
): UnlikeColumn {
  const cells = nCells === 1 ? "1 cell spells its level" : `${nCells} cells spell their levels`;
  const named = read.map(([text, level]) => `"${shortened(text)}" is "${shortened(level)}"`);
  const warning = `column "${column}": ${cells} otherwise than training did: ${named.join(", ")}`;
  return { column, what: "another spelling", warning };
}

/** A column whose cells differ from those of training. */
export interface UnlikeColumn {
  readonly column: string;
  readonly what: "a constant moved" | "unknown levels" | "another spelling";
  /** A sentence with counts and an example. */
  readonly warning: string;
}

/**
 * Columns of rows that differ from the training rows: columns that were constant and moved, columns
 * of unknown levels, and columns that spell levels otherwise.
 *
 * @throws COLUMN_MISSING as `applyPreprocessing`.
 */
export function unlikeTraining(
  preprocessing: Preprocessing,
  table: Table,
): readonly UnlikeColumn[] {
  const ofLevels = unknownLevels(preprocessing, table).map(
    ({ column, nUnknown, nCells, example }): UnlikeColumn => ({
      column,
      what: "unknown levels",
      warning:
        `column "${column}": ${nUnknown} of ${nCells} cells hold levels that training did not ` +
        `have, "${shortened(example)}" for example; they count as unknown`,
    }),
  );
  const ofSpelling = spelledOtherwise(preprocessing, table);
  return [...movedConstants(preprocessing, table), ...ofLevels, ...ofSpelling];
}

/** The warnings of `unlikeTraining`, and one of blank rows. @throws as it does. */
export function describeUnlikeTraining(
  preprocessing: Preprocessing,
  table: Table,
): readonly string[] {
  const ofColumns = unlikeTraining(preprocessing, table).map(({ warning }) => warning);
  return [...ofColumns, ...describeBlankRows(preprocessing, table)];
}

function shortened(level: string): string {
  return level.length <= MAX_EXAMPLE_CHARS ? level : `${level.slice(0, MAX_EXAMPLE_CHARS)}…`;
}
