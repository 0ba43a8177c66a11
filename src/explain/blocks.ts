/**
 * A table's columns as blocks of rows, the smallest units that a condition can separate.
 *
 * A block is the rows of one value of a column: the distinct numbers ascending and then the
 * missing ones, or the known levels and then the unknown and missing ones. A condition is a set of
 * blocks: of numbers a run of neighbours, with or without the missing; of levels any.
 */
import type { Column, Feature, Table } from "../data/index.ts";

export interface BlockedColumn {
  readonly feature: string;
  /** The distinct numbers, ascending, or the levels. */
  readonly values: Float64Array | readonly string[];
  /** values.length and one more, the last: missing or unknown. */
  readonly nBlocks: number;
  /** The block of each row. Shape (nRows,). */
  readonly blockOf: Int32Array;
  /** Rows of each block. Shape (nBlocks,). */
  readonly sizes: Int32Array;
}

/** The features' columns for the given rows. The columns must exist. */
export function blockColumns(
  table: Table,
  features: readonly Feature[],
  rows: Int32Array,
): readonly BlockedColumn[] {
  return features.map((feature) => {
    const column = table.columns.find(({ name }) => name === feature.name)!;
    const levels = feature.type === "category" ? feature.levels : null;
    const values = levels ?? distinctNumbers(column, rows);
    const places = new Map<unknown, number>();
    for (let b = 0; b < values.length; b++) places.set(values[b], b);
    const blockOf = Int32Array.from(rows, (i) => {
      const value = column.values[i];
      const key = levels === null || value === null ? value : String(value);
      return places.get(key) ?? values.length;
    });
    const nBlocks = values.length + 1;
    const sizes = new Int32Array(nBlocks);
    for (const block of blockOf) sizes[block]! += 1;
    return { feature: feature.name, values, nBlocks, blockOf, sizes };
  });
}

function distinctNumbers(column: Column, rows: Int32Array): Float64Array {
  if (column.type === "category") return new Float64Array(0);
  const present = Float64Array.from(rows, (i) => column.values[i]!).filter((v) => !Number.isNaN(v));
  return present.sort().filter((value, place, all) => place === 0 || value !== all[place - 1]);
}

export function isOrdered({ values }: BlockedColumn): boolean {
  return values instanceof Float64Array;
}
