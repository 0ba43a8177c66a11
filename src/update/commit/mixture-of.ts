/** The mixture that a draft stands for. */
import type { Mixture } from "../../mixture/index.ts";
import type { Draft } from "../train/index.ts";

/** The mixture of a draft; the old one itself if nothing was replaced. */
export function mixtureOf({ mixture, experts, gate }: Draft): Mixture {
  const same = experts.every(({ expert }, k) => expert === mixture.experts[k]);
  if (same && experts.length === mixture.experts.length && gate === mixture.gate) return mixture;
  const ranges = experts.map(({ range }) => range);
  return {
    experts: experts.map(({ expert }) => expert),
    gate,
    recombination: mixture.recombination,
    ...(ranges.some((range) => range !== null) ? { ranges } : {}),
  };
}
