/** Rows that come twice: held out beside their copies, they make a model look better than it is. */
import type { Samples } from "../../experts/index.ts";
import { rowOf } from "../../shared/matrix.ts";

/** Rows that are equal, target and all, to one before them; with groups, to one of another group. */
export function countCopies({ X, y, groups }: Samples): number {
  const first = new Map<string, string | null>();
  let nCopies = 0;
  for (let i = 0; i < y.length; i++) {
    const cells = Float32Array.of(...rowOf(X, i), y[i]!);
    const key = Buffer.from(cells.buffer).toString("latin1");
    const group = groups?.[i] ?? null;
    const known = first.get(key);
    if (known === undefined) first.set(key, group);
    else if (group === null || known !== group) nCopies++;
  }
  return nCopies;
}
