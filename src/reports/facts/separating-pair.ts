/**
 * The two features that separate regimes best, for a picture with two axes.
 *
 * Each feature is cut into parts with about equal numbers of rows, or into its levels, so that two
 * features make a grid. A cell predicts a row's regime if that regime is the commonest among the
 * cell's other rows: because the row itself is left out, a finer grid is not better by itself.
 */
import type { Column, Table } from "../../data/index.ts";

/** Two features, and how well their cells predict the regimes of the rows. */
export interface SeparatingPair {
  /** Column numbers, ascending; the same number twice if there is one feature. */
  readonly columns: readonly [number, number];
  /** Share of the rows whose regime the cells predict. */
  readonly separated: number;
}

/** The approximate number of rows of a cell. */
const ROWS_A_CELL = 10;
const MIN_PARTS = 2;
const MAX_PARTS = 16;
/** Most features that are paired; of more, those that separate best alone. */
const MAX_PAIRED = 32;
/** Most rows that are used; of more rows, an even sample. */
const MAX_ROWS = 5000;

/** A feature as parts: the part of each row. */
interface Parts {
  readonly column: number;
  readonly partOf: Int32Array;
  readonly nParts: number;
}

/**
 * The pair that separates best; of equal pairs the first. Costs n·d² for d up to 32.
 *
 * @param regimes - The regime of each row. Shape (table.nRows,).
 */
export function separatingPair(table: Table, regimes: Int32Array): SeparatingPair {
  const step = Math.max(1, Math.ceil(table.nRows / MAX_ROWS));
  const rows = Int32Array.from(regimes.keys()).filter((i) => i % step === 0);
  const sampleRegimes = rows.map((i) => regimes[i]!);
  const nRegimes = 1 + sampleRegimes.reduce((most, k) => Math.max(most, k), 0);
  const nParts = Math.round(Math.sqrt(rows.length / ROWS_A_CELL));
  const wanted = Math.min(MAX_PARTS, Math.max(MIN_PARTS, nParts));
  const shareOf = (a: Parts, b: Parts): number =>
    shareTold(a, b, { regimes: sampleRegimes, nRegimes });

  const all = table.columns.map((column, c) => partsOf(column, c, rows, wanted));
  const paired = all
    .map((parts) => ({ parts, alone: shareOf(parts, { ...parts, nParts: 1 }) }))
    .sort((a, b) => b.alone - a.alone)
    .slice(0, MAX_PAIRED)
    .map(({ parts }) => parts)
    .sort((a, b) => a.column - b.column);
  let best: SeparatingPair = { columns: [0, 0], separated: -1 };
  paired.forEach((a, place) => {
    for (const b of paired.length === 1 ? paired : paired.slice(place + 1)) {
      const share = shareOf(a, b);
      if (share > best.separated) best = { columns: [a.column, b.column], separated: share };
    }
  });
  return best;
}

/** Quantile parts of numbers, levels of categories, and one more part for missing values. */
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
  let nPredicted = 0;
  for (const perRegime of counts.values()) {
    const [second = 0, first = 0] = [...perRegime].sort((m, n) => m - n).slice(-2);
    if (first - 1 > second) nPredicted += first;
  }
  return nPredicted / regimes.length;
}
