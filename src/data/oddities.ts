/** Warnings about a table's columns before a model is fitted to them. */
import { count } from "../shared/wording.ts";
import { datePartsOf } from "./date-features.ts";
import { MAX_LEVELS } from "./fit-preprocessing.ts";
import { foldCase } from "./level-spellings.ts";
import { findCodes, findFences } from "./outliers.ts";
import { meanAndScale } from "./scaling.ts";
import { describeSuspects } from "./suspects.ts";
import type { CategoryColumn, StrayCells, Table } from "./table.ts";

/** A target with its name. */
export interface NamedTarget {
  readonly targetName: string;
  readonly y: Float64Array;
}

/** A sentence for each odd column; for the target, only whether values lie far outside. */
export function describeOddities(table: Table, target?: NamedTarget): readonly string[] {
  const parts = datePartsOf(table);
  const columns = table.columns.filter(({ name }) => !parts.has(name));
  const numbers = table.columns.filter((column) => column.type === "number");
  const sorted = numbers.map(({ values }) => values.filter((v) => !Number.isNaN(v)).sort());
  const codes = findCodes(sorted);
  const placeOf = new Map(numbers.map((column, j) => [column, j]));
  const ofColumns = columns.flatMap((column) => {
    const { name } = column;
    const isPresent = (value: string | number | null): boolean =>
      value !== null && !Number.isNaN(value);
    const distinct = new Set<unknown>(column.values.filter(isPresent));
    if (distinct.size === 0) return [`column "${name}" has no values`];
    if (distinct.size === 1) return [`column "${name}" is constant`];
    if (column.type === "category") {
      return [...crowdedLevels(column, distinct.size), ...caseVariants(column)];
    }
    const j = placeOf.get(column)!;
    return oddNumbers(name, sorted[j]!, codes[j]!);
  });
  const suspects = describeSuspects({ ...table, columns }, target?.y ?? null);
  return [
    ...describeReading(table, target?.targetName),
    ...ofColumns,
    ...suspects,
    ...oddTarget(target),
  ];
}

/** What the reader left out of a table, a sentence each. */
export function describeReading(
  { notes = [], strays = [], codes = new Map() }: Table,
  targetName?: string,
): readonly string[] {
  return [
    ...notes,
    ...strays.map((stray) => describeStrays(stray, stray.column === targetName)),
    ...[...codes].filter(([column]) => column !== targetName).map(describeCodes),
  ];
}

function describeCodes([column, code]: readonly [string, string]): string {
  const why = `its cells are codes with leading zeros, "${code}" for example`;
  const instead = `--types "${column}=number" reads numbers`;
  return `column "${column}" is read as a category: ${why}; ${instead}`;
}

function describeStrays({ column, among, cells, nCells }: StrayCells, isTarget: boolean): string {
  const named = cells.map(({ text, place }) => `${place} "${text}"`).join(", ");
  const more = nCells > cells.length ? " and others" : "";
  const are = nCells === 1 ? "1 cell is none and counts" : `${nCells} cells are none and count`;
  const found = `column "${column}" is read as ${among}; ${are} as missing: ${named}${more}`;
  return isTarget ? found : `${found}; --types "${column}=category" reads levels instead`;
}

function crowdedLevels({ name }: CategoryColumn, nLevels: number): readonly string[] {
  if (nLevels <= MAX_LEVELS) return [];
  return [
    `column "${name}" has ${nLevels} levels; the ${MAX_LEVELS} most frequent have a column each`,
  ];
}

/** Levels that differ in letter case alone: they stay apart, since `m` and `M` may be two units. */
function caseVariants({ name, values }: CategoryColumn): readonly string[] {
  const spellings = new Map<string, Set<string>>();
  for (const level of new Set(values)) {
    if (level === null) continue;
    const folded = foldCase(level);
    spellings.set(folded, (spellings.get(folded) ?? new Set()).add(level));
  }
  const several = [...spellings.values()].filter(({ size }) => size > 1);
  const [first] = several;
  if (first === undefined) return [];
  const named = [...first].map((level) => `"${level}"`).join(" and ");
  const more = several.length === 1 ? "" : ` (${several.length - 1} more such)`;
  return [
    `column "${name}" has levels that differ in letter case alone, ${named}${more}; ` +
      "each is a level of its own",
  ];
}

function oddNumbers(
  name: string,
  sorted: Float64Array,
  codes: readonly number[],
): readonly string[] {
  const rest = sorted.filter((value) => !codes.includes(value));
  const ofCodes = codes.map((code) => {
    const n = sorted.filter((value) => value === code).length;
    return (
      `column "${name}" holds ${code} in ${count(n, "row")}, far from all other values: ` +
      "it counts as missing"
    );
  });
  return [...ofCodes, ...farValues(`column "${name}"`, name, rest, "; the others set its scale")];
}

function oddTarget(target: NamedTarget | undefined): readonly string[] {
  if (target === undefined) return [];
  const { targetName, y } = target;
  return farValues(`target "${targetName}"`, targetName, y.slice().sort(), "; check them");
}

function farValues(
  subject: string,
  name: string,
  sorted: Float64Array,
  consequence: string,
): readonly string[] {
  const fences = findFences(sorted, sorted.length === 0 ? 0 : meanAndScale(name, sorted).scale);
  if (fences === null) return [];
  const { least, most } = fences;
  const far = sorted.filter((value) => value < least || value > most);
  const [low, high] = [sorted[0]!, sorted.at(-1)!];
  const farthest = most - high < low - least ? high : low;
  const n = count(far.length, "value");
  return [`${subject} has ${n} far outside the others, ${farthest} for example${consequence}`];
}
