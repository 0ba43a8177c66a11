/** The columns of a table at a glance: types, missing cells, ranges, and how values lie. */
import type { Column, Preprocessing, Table } from "../../data/index.ts";

export interface ColumnFacts {
  readonly name: string;
  readonly isTarget: boolean;
  /** Cells that are missing, of all; null if the rows are not available. */
  readonly missing: number | null;
  readonly values: NumberFacts | LevelFacts;
}

export interface NumberFacts {
  readonly type: "number";
  /** Least, median and largest value; null where no cell is there or rows are not available. */
  readonly range: readonly [least: number, median: number, most: number] | null;
  /** Rows in equal parts of the range; empty if the rows are not available. */
  readonly bins: readonly number[];
}

export interface LevelFacts {
  readonly type: "category";
  readonly nLevels: number;
  /** The commonest levels first, with their rows; null where these are not available. */
  readonly commonest: readonly { readonly level: string; readonly nRows: number | null }[];
}

const N_BINS = 16;
const MAX_LEVELS = 6;

/** Of every feature in its order, the target first. */
export function columnFacts(
  { columns, nRows }: Table,
  target: { readonly name: string; readonly y: Float64Array },
): readonly ColumnFacts[] {
  const targetColumn: Column = { type: "number", name: target.name, values: target.y };
  const facts = (column: Column, isTarget: boolean): ColumnFacts => {
    const values =
      column.type === "number" ? numberFacts(column.values) : levelFacts(column.values);
    return { name: column.name, isTarget, missing: nMissing(column) / Math.max(1, nRows), values };
  };
  return [facts(targetColumn, true), ...columns.map((column) => facts(column, false))];
}

function nMissing({ values }: Column): number {
  let n = 0;
  for (const value of values) if (value === null || Number.isNaN(value)) n += 1;
  return n;
}

function numberFacts(all: Float64Array): NumberFacts {
  const sorted = all.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return { type: "number", range: null, bins: [] };
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  const bins = new Array<number>(N_BINS).fill(0);
  // Halves first: the range of very large numbers is larger than a double.
  const width = most / 2 - least / 2;
  for (const value of sorted) {
    const share = width > 0 ? (value / 2 - least / 2) / width : 0.5;
    bins[Math.min(N_BINS - 1, Math.floor(share * N_BINS))]! += 1;
  }
  return { type: "number", range: [least, sorted[sorted.length >> 1]!, most], bins };
}

function levelFacts(values: readonly (string | null)[]): LevelFacts {
  const counts = new Map<string, number>();
  for (const level of values) {
    if (level !== null) counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  const commonest = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MAX_LEVELS)
    .map(([level, nRows]) => ({ level, nRows }));
  return { type: "category", nLevels: counts.size, commonest };
}

/** What a model keeps of the columns that it was trained on, without a row. */
export function keptColumnFacts({
  features,
  target,
  statistics = [],
}: Preprocessing): readonly ColumnFacts[] {
  const numberOf = (name: string): NumberFacts => {
    const { quantiles = [] } = statistics.find((own) => own.name === name) ?? {};
    const [low, , median, , high] = quantiles;
    const isThere = low !== undefined && median !== undefined && high !== undefined;
    return { type: "number", range: isThere ? [low, median, high] : null, bins: [] };
  };
  const facts = features.map((feature): ColumnFacts => {
    const { name } = feature;
    if (feature.type === "number") {
      return { name, isTarget: false, missing: null, values: numberOf(name) };
    }
    const commonest = feature.levels.slice(0, MAX_LEVELS).map((level) => ({ level, nRows: null }));
    const values: LevelFacts = { type: "category", nLevels: feature.levels.length, commonest };
    return { name, isTarget: false, missing: null, values };
  });
  const targetFacts = {
    name: target.name,
    isTarget: true,
    missing: null,
    values: numberOf(target.name),
  };
  return [targetFacts, ...facts];
}
