/** Columns that had one value in training and have others now, which have no effect. */
import { foldCase } from "./level-spellings.ts";
import type { Feature, Preprocessing } from "./preprocessing.ts";
import { canonicalLevel } from "./reading/cell.ts";
import { checkColumnNames } from "./reading/column-names.ts";
import type { Column, Table } from "./table.ts";

/** A relative difference below this is rounding. */
const ROUNDING = 1e-9;

export interface MovedConstant {
  readonly column: string;
  readonly what: "a constant moved";
  readonly warning: string;
}

/**
 * Such columns, each with a sentence that warns of it.
 *
 * @throws COLUMN_MISSING as `applyPreprocessing`.
 */
export function movedConstants(
  { features }: Preprocessing,
  table: Table,
): readonly MovedConstant[] {
  const constants = features.filter(
    (feature) => feature.constant !== undefined && !("from" in feature),
  );
  const names = table.columns.map(({ name }) => name);
  checkColumnNames(
    constants.map(({ name }) => name),
    names,
  );
  return constants.flatMap((feature) => {
    const column = table.columns[names.indexOf(feature.name)]!;
    const nMoved = countMoved(feature, column);
    if (nMoved === 0) return [];
    const rows = `${nMoved} of ${table.nRows} rows`;
    const warning =
      `column "${feature.name}" ${trainingValue(feature)}, and ${rows} have another value, ` +
      "which has no effect";
    return [{ column: feature.name, what: "a constant moved", warning }];
  });
}

function trainingValue(feature: Feature): string {
  if (feature.constant === "no values") return "had no values in training";
  const value = feature.type === "number" ? feature.median : `"${feature.levels[0]}"`;
  return `was ${value} in all training rows`;
}

/** Cells that hold another value than the training rows did; missing ones hold none. */
function countMoved(feature: Feature, column: Column): number {
  let count = 0;
  for (const cell of column.values) {
    if (cell === null || Number.isNaN(cell)) continue;
    if (feature.constant === "no values" || !isSame(feature, cell)) count += 1;
  }
  return count;
}

function isSame(feature: Feature, cell: string | number): boolean {
  if (feature.type === "category") {
    return spelling(String(cell)) === spelling(feature.levels[0]!);
  }
  return Math.abs(Number(cell) - feature.median) <= ROUNDING * Math.abs(feature.median);
}

function spelling(level: string): string {
  return foldCase(canonicalLevel(level.trim()));
}
