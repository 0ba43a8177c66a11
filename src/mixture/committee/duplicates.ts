/** Rows that come twice: held out beside their copies, they make a model look better than it is. */
import type { Samples } from "../../experts/index.ts";
import { rowOf } from "../../shared/matrix.ts";

/** Rows that are equal, target and all, to one before them. */
export function countCopies({ X, y }: Samples): number {
  const keys = new Set(Array.from(y, (target, i) => `${rowOf(X, i)} ${target}`));
  return y.length - keys.size;
}
