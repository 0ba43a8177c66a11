/**
 * Rows that come twice: held out beside their copies they would make any model look better than it
 * is, so copies are kept together wherever rows are held out.
 */
import type { Samples } from "../../experts/index.ts";
import { rowOf } from "../../shared/matrix.ts";

export interface Regrouped {
  readonly samples: Samples;
  /** Rows that are equal, target and all, to one before them. */
  readonly nCopies: number;
}

/** Rows of groups stay in these: copies in several groups are counted, not moved. */
export function groupCopies(samples: Samples): Regrouped {
  const first = new Map<string, number>();
  const groups = Array.from(samples.y, (target, i) => {
    const key = `${rowOf(samples.X, i)} ${target}`;
    const known = first.get(key) ?? i;
    first.set(key, known);
    return String(known);
  });
  const nCopies = groups.length - first.size;
  if (nCopies === 0 || samples.groups !== null) return { samples, nCopies };
  return { samples: { ...samples, groups }, nCopies };
}
