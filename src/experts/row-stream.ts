/**
 * The order in which a training task visits its rows: shuffled passes without end, the same for
 * every engine. Every batch is full; one may span two passes.
 */
import { createRng, shuffle } from "../shared/rng.ts";

/** Fills `out` with the next row numbers. Modifies `out`. */
export type RowStream = (out: Int32Array) => void;

/** @param rows - The rows of one pass. Not modified, at least one. */
export function createRowStream(rows: Int32Array, seed: number): RowStream {
  const rng = createRng(seed);
  const order = rows.slice();
  let position = order.length;
  return (out) => {
    for (let b = 0; b < out.length; b++) {
      if (position === order.length) {
        shuffle(order, rng);
        position = 0;
      }
      out[b] = order[position]!;
      position += 1;
    }
  };
}
