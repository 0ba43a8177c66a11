/** Rows that a tree may look at. */
import { type Rng, shuffle } from "../../shared/rng.ts";

/** All rows, or a random sample of this size. Modifies `rows`. */
export function someOf(rows: number[], most: number, rng: Rng): readonly number[] {
  if (rows.length <= most) return rows;
  shuffle(rows, rng);
  return rows.slice(0, most);
}
