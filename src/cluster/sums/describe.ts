/** What a site says of its columns before anything is summed, and whether sites agree. */
import {
  type ColumnReading,
  type DatePart,
  datePartsOf,
  frequentLevels,
  MAX_LEVELS,
} from "../../data/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { count } from "../../shared/wording.ts";
import { LEAST_ROWS } from "./model-sums.ts";
import type { SiteRows } from "./rows.ts";

export interface DescribedColumn {
  readonly name: string;
  readonly type: "number" | "category";
  /** Of a category, those that `LEAST_ROWS` rows here have; the most frequent ones. */
  readonly levels: readonly string[];
  readonly from?: DatePart | undefined;
}

export interface SiteDescription {
  readonly nRows: number;
  /** Of the site that has the fewest: a step must draw enough of them. */
  readonly leastRows: number;
  readonly target: string;
  readonly columns: readonly DescribedColumn[];
  readonly readings: readonly ColumnReading[];
  /** Texts that mark a missing value. */
  readonly missing?: readonly string[] | undefined;
}

export function describeRows({ features, targetName, y }: SiteRows): SiteDescription {
  const parts = datePartsOf(features);
  const columns = features.columns.map((column): DescribedColumn => {
    const { name, type } = column;
    const from = parts.get(name);
    const levels = column.type === "category" ? commonLevels(column.values) : [];
    return { name, type, levels, ...(from === undefined ? {} : { from }) };
  });
  const { readings = [], missing } = features;
  return {
    nRows: y.length,
    leastRows: y.length,
    target: targetName,
    columns,
    // Marks are texts of cells.
    readings: readings.map(({ marks: _, ...reading }) => reading),
    ...(missing === undefined ? {} : { missing }),
  };
}

/** A level of few rows might say whose they are. */
function commonLevels(cells: readonly (string | null)[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const cell of cells) if (cell !== null) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  const enough = cells.filter((cell) => cell !== null && counts.get(cell)! >= LEAST_ROWS);
  return frequentLevels(enough, MAX_LEVELS);
}

/**
 * The columns that all sites have, in the order of the first, with the levels of all.
 *
 * @throws COLUMN_MISSING, COLUMN_TYPE or INVALID_OPTION naming the sites that differ, and how.
 */
export function agreedColumns(
  sites: readonly { readonly name: string; readonly said: SiteDescription }[],
): SiteDescription {
  const [first, ...others] = sites;
  for (const other of others) {
    checkTarget(first!, other);
    checkNames(first!, other);
    for (const column of first!.said.columns) checkColumn(column, first!, other);
    checkReadings(first!, other);
  }
  const { said } = first!;
  const columns = said.columns.map((column, c) => {
    const levels = new Set(sites.flatMap((site) => columnOf(site, said.columns[c]!.name).levels));
    return { ...column, levels: [...levels].sort() };
  });
  const nRows = sites.reduce((sum, site) => sum + site.said.nRows, 0);
  const leastRows = Math.min(...sites.map((site) => site.said.leastRows));
  return { ...said, nRows, leastRows, columns };
}

type Named = Parameters<typeof agreedColumns>[0][number];

function columnOf({ said }: Named, name: string): DescribedColumn {
  return said.columns.find((own) => own.name === name)!;
}

function checkTarget(first: Named, other: Named): void {
  if (other.said.target === first.said.target) return;
  const message =
    `sites must have one target, ${first.name} has "${first.said.target}", ` +
    `${other.name} "${other.said.target}"`;
  throw new BailiwickError("INVALID_OPTION", message);
}

function checkNames(first: Named, other: Named): void {
  for (const [has, lacks] of [
    [first, other],
    [other, first],
  ] as const) {
    const names = new Set(lacks.said.columns.map(({ name }) => name));
    const missing = has.said.columns.filter(({ name }) => !names.has(name));
    if (missing.length === 0) continue;
    const shown = missing.slice(0, 5).map(({ name }) => `"${name}"`);
    const message =
      `sites must have the same columns, ${lacks.name} lacks ` +
      `${count(missing.length, "column")} of ${has.name}: ${shown.join(", ")}`;
    throw new BailiwickError("COLUMN_MISSING", message, { site: lacks.name });
  }
}

function checkColumn(column: DescribedColumn, first: Named, other: Named): void {
  const { name, type } = column;
  const own = columnOf(other, name);
  if (own.type === type) return;
  const message =
    `column "${name}" must be of one type at all sites, ${first.name} has ` +
    `${inWords[type]}, ${other.name} ${inWords[own.type]}; --types of bailiwick site sets it`;
  throw new BailiwickError("COLUMN_TYPE", message, { column: name });
}

const inWords = { number: "numbers", category: "categories" } as const;

/** Units, and how dates are written. */
function checkReadings(first: Named, other: Named): void {
  const names = new Set([...first.said.readings, ...other.said.readings].map((r) => r.column));
  for (const name of names) {
    const [a, b] = [first, other].map(({ said }) => said.readings.find((r) => r.column === name));
    for (const what of ["unit", "isDate", "hasTime", "isDayFirst"] as const) {
      if (a?.[what] === b?.[what]) continue;
      const shown = (value: unknown): string => (value === undefined ? "none" : `"${value}"`);
      const message =
        `column "${name}" must be read alike at all sites (${what}): ${first.name} has ` +
        `${shown(a?.[what])}, ${other.name} ${shown(b?.[what])}`;
      throw new BailiwickError("COLUMN_TYPE", message, { column: name });
    }
  }
}
