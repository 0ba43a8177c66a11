/** Labels gone wrong, as they do in tables that people fill in. */
import { type Rng, shuffle } from "../../shared/rng.ts";

/**
 * A copy of the targets in which a share of the given rows has those of other ones among them.
 *
 * @param share - In [0, 1].
 */
export function corruptTargets(
  y: Float64Array,
  rows: Int32Array,
  share: number,
  rng: Rng,
): Float64Array {
  const order = rows.slice();
  shuffle(order, rng);
  const corrupted = y.slice();
  for (const i of order.subarray(0, Math.round(share * rows.length))) {
    corrupted[i] = y[rows[rng.int(rows.length)]!]!;
  }
  return corrupted;
}
