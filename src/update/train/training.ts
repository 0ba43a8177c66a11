/** What every step of the third stage trains with. */
import type { Samples } from "../../experts/index.ts";
import { childSeed } from "../../shared/rng.ts";
import type { WatchedMember } from "../watch/index.ts";
import type { Learning } from "./expert/index.ts";

export interface Training extends Learning {
  /** The old rows of an expert of the member, standardised; null without any. */
  readonly old: (k: number) => Promise<Samples | null>;
}

/** All experts of a member are trained by the same seed. */
export function learningOf({ executor, seed }: Learning, { member }: WatchedMember): Learning {
  return { executor, seed: childSeed(seed, `update of member ${member}`) };
}
