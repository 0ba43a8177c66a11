/**
 * Which two features of many tell regimes apart best, for a picture that has room for two.
 *
 * Each feature is cut into parts of about equal numbers of rows, or into its levels, so that two
 * features make a grid. A row is told by its cell if its regime is the commonest among the other
 * rows there: leaving the row itself out, a grid of many cells gains nothing from being fine.
 */
import type { Column, Table } from "../data/index.ts";

/** Two features and how well their cells tell the regimes of the rows. */
export interface SeparatingPair {
  /** Column numbers, ascending; the same one twice if there is no other. */
  readonly columns: readonly [number, number];
  /** Share of the rows that are told. */
  readonly told: number;
}

/** A cell of a grid holds about so many rows. */
const ROWS_A_CELL = 10;
const MIN_PARTS = 2;
const MAX_PARTS = 16;
/** Of more features, those that tell most by themselves are paired. */
const MAX_PAIRED = 32;
/** Of more rows, so many are looked at, evenly. */
const MAX_ROWS = 5000;

/** A feature as parts: which one each row is in. */
interface Parts {
  readonly column: number;
  readonly partOf: Int32Array;
  readonly nParts: number;
}

/**
 * The pair that tells most; of equals the first. Costs n·d² for d up to 32.
 *
 * @param regimes - The regime of each row. Shape (table.nRows,).
 */
export function separatingPair(table: Table, regimes: Int32Array): SeparatingPair {
  const step = Math.max(1, Math.ceil(table.nRows / MAX_ROWS));
  const rows = Int32Array.from(regimes.keys()).filter((i) => i % step === 0);
  const own = rows.map((i) => regimes[i]!);
  const nRegimes = 1 + own.reduce((most, k) => Math.max(most, k), 0);
  const nParts = Math.round(Math.sqrt(rows.length / ROWS_A_CELL));
  const wanted = Math.min(MAX_PARTS, Math.max(MIN_PARTS, nParts));
  const told = (a: Parts, b: Parts): number => shareTold(a, b, { regimes: own, nRegimes });

  const all = table.columns.map((column, c) => partsOf(column, c, rows, wanted));
  const paired = all
    .map((parts) => ({ parts, alone: told(parts, { ...parts, nParts: 1 }) }))
    .sort((a, b) => b.alone - a.alone)
    .slice(0, MAX_PAIRED)
    .map(({ parts }) => parts)
    .sort((a, b) => a.column - b.column);
  let best: SeparatingPair = { columns: [0, 0], told: -1 };
  paired.forEach((a, place) => {
    for (const b of paired.length === 1 ? paired : paired.slice(place + 1)) {
      const share = told(a, b);
      if (share > best.told) best = { columns: [a.column, b.column], told: share };
    }
  });
  return best;
}

/** Quantile parts of numbers, levels of categories; what is missing is a part of its own. */
function partsOf(column: Column, c: number, rows: Int32Array, wanted: number): Parts {
  if (column.type === "category") {
    const numbers = new Map<string | null, number>();
    const partOf = rows.map((i) => {
      const level = column.values[i]!;
      if (!numbers.has(level)) numbers.set(level, numbers.size);
      return numbers.get(level)!;
    });
    return { column: c, partOf, nParts: numbers.size };
  }
  const sorted = Float64Array.from(rows, (i) => column.values[i]!)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const quantiles = Array.from({ length: wanted - 1 }, (_, q) => {
    return sorted[Math.floor(((q + 1) / wanted) * sorted.length)]!;
  });
  const edges = [...new Set(quantiles)];
  const partOf = rows.map((i) => {
    const value = column.values[i]!;
    return Number.isNaN(value) ? edges.length + 1 : edges.filter((edge) => edge <= value).length;
  });
  return { column: c, partOf, nParts: edges.length + 2 };
}

/** Share of the rows whose regime is the commonest among the others of their cell. */
function shareTold(
  a: Parts,
  b: Parts,
  { regimes, nRegimes }: { readonly regimes: Int32Array; readonly nRegimes: number },
): number {
  const counts = new Map<number, Int32Array>();
  regimes.forEach((k, r) => {
    const cell = a.partOf[r]! * b.nParts + (b.nParts === 1 ? 0 : b.partOf[r]!);
    if (!counts.has(cell)) counts.set(cell, new Int32Array(nRegimes));
    counts.get(cell)![k]! += 1;
  });
  let told = 0;
  for (const own of counts.values()) {
    const [second = 0, first = 0] = [...own].sort((m, n) => m - n).slice(-2);
    if (first - 1 > second) told += first;
  }
  return told / regimes.length;
}
