/**
 * The rows that a trainer holds: of each matrix the rows of its tasks so far.
 *
 * A row stays where it was trained on, so that a round of competition moves only the rows that
 * another expert has won.
 */
import { BailiwickError } from "../../shared/errors.ts";

export interface RowShards {
  /** The rows that are not here, each once. */
  missing(matrix: string, rows: Int32Array): Int32Array;
  put(rows: FetchedRows): void;
  /**
   * A copy of rows, in this order. Shape (rows.length, nColumns).
   *
   * @throws MEMORY_EXCEEDED if a row was dropped because others needed its place.
   */
  take(matrix: string, nColumns: number, rows: Int32Array): Float32Array;
  bytes(): number;
}

export interface FetchedRows {
  readonly matrix: string;
  readonly nColumns: number;
  readonly rows: Int32Array;
  /** Shape (rows.length, nColumns). */
  readonly values: Float32Array;
}

interface Shard {
  readonly nColumns: number;
  readonly slots: Map<number, number>;
  values: Float32Array;
}

const FIRST_ROWS = 256;

/** @param maxBytes - Beyond it, the matrices unused for the longest time are dropped. */
export function createRowShards(maxBytes: number): RowShards {
  const shards = new Map<string, Shard>();
  const bytes = (): number => {
    return [...shards.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  };
  const touch = (matrix: string, nColumns: number): Shard => {
    const known = shards.get(matrix);
    const shard = known ?? {
      nColumns,
      slots: new Map(),
      values: new Float32Array(FIRST_ROWS * nColumns),
    };
    shards.delete(matrix);
    shards.set(matrix, shard);
    return shard;
  };
  return {
    missing: (matrix, rows) => {
      const slots = shards.get(matrix)?.slots;
      const unique = new Set(rows);
      return Int32Array.from([...unique].filter((row) => slots?.has(row) !== true));
    },
    put: ({ matrix, nColumns, rows, values }) => {
      const shard = touch(matrix, nColumns);
      grow(shard, shard.slots.size + rows.length);
      rows.forEach((row, r) => {
        const slot = shard.slots.get(row) ?? shard.slots.size;
        shard.slots.set(row, slot);
        shard.values.set(values.subarray(r * nColumns, (r + 1) * nColumns), slot * nColumns);
      });
      for (const oldest of shards.keys()) {
        if (bytes() <= maxBytes || oldest === matrix) break;
        shards.delete(oldest);
      }
    },
    take: (matrix, nColumns, rows) => {
      const { slots, values } = touch(matrix, nColumns);
      const taken = new Float32Array(rows.length * nColumns);
      rows.forEach((row, r) => {
        const slot = slots.get(row);
        if (slot === undefined) {
          const message = `rows of a task must fit the trainer's ${maxBytes} bytes, they do not`;
          throw new BailiwickError("MEMORY_EXCEEDED", message, { maxBytes });
        }
        taken.set(values.subarray(slot * nColumns, (slot + 1) * nColumns), r * nColumns);
      });
      return taken;
    },
    bytes,
  };
}

function grow(shard: Shard, nRows: number): void {
  const wanted = nRows * shard.nColumns;
  if (wanted <= shard.values.length) return;
  const values = new Float32Array(Math.max(wanted, 2 * shard.values.length));
  values.set(shard.values);
  shard.values = values;
}
