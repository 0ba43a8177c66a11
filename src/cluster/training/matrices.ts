/** The matrices of a run, from which trainers fetch rows: the same numbers are the same matrix. */
import { BailiwickError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/hash.ts";
import type { MatrixRef } from "./wire.ts";

export interface Matrices {
  add(values: Float32Array, nColumns: number): MatrixRef;
  /** Forgets the matrices that were added longest ago, while no task needs them. */
  forgetOld(): void;
  /**
   * A copy of some rows, shape (rows.length, nColumns).
   *
   * @throws SHAPE_MISMATCH for a matrix or row that does not exist.
   */
  take(id: number, rows: Int32Array): Float32Array;
}

/** Matrices that stay while no task is open: those of earlier rounds may come again. */
const KEPT_MATRICES = 16;

export function createMatrices(): Matrices {
  const ids = new Map<string, number>();
  const byId = new Map<number, { values: Float32Array; nColumns: number }>();
  let nextId = 0;
  return {
    add: (values, nColumns) => {
      const content = sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      const id = ids.get(content) ?? nextId++;
      ids.delete(content);
      ids.set(content, id);
      byId.set(id, { values, nColumns });
      return { id, nColumns };
    },
    forgetOld: () => {
      for (const [content, id] of ids) {
        if (ids.size <= KEPT_MATRICES) break;
        ids.delete(content);
        byId.delete(id);
      }
    },
    take: (id, rows) => {
      const matrix = byId.get(id);
      if (matrix === undefined) {
        throw new BailiwickError("SHAPE_MISMATCH", `matrix ${id} must be of this run, it is not`);
      }
      const { values, nColumns } = matrix;
      const nRows = values.length / nColumns;
      const taken = new Float32Array(rows.length * nColumns);
      rows.forEach((row, r) => {
        if (row < 0 || row >= nRows) {
          const message = `rows of matrix ${id} must be below ${nRows}, got ${row}`;
          throw new BailiwickError("SHAPE_MISMATCH", message);
        }
        taken.set(values.subarray(row * nColumns, (row + 1) * nColumns), r * nColumns);
      });
      return taken;
    },
  };
}
