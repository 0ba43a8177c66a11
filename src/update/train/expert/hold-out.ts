/** Rows on which nothing is learnt, so that a candidate can be judged on them. */
import type { Samples } from "../../../experts/index.ts";
import { takeSamples } from "../../../mixture/index.ts";

/** One row in this many is held out. */
const HELD_OUT = 4;

export interface HeldOutDivision {
  readonly learnt: Samples;
  readonly held: Samples;
}

/** One row in HELD_OUT, and the others. */
export function holdOutSome(samples: Samples): HeldOutDivision {
  const places = Int32Array.from(samples.y.keys());
  const isHeld = (place: number): boolean => place % HELD_OUT === HELD_OUT - 1;
  const learnt = takeSamples(
    samples,
    places.filter((place) => !isHeld(place)),
  );
  return { learnt, held: takeSamples(samples, places.filter(isHeld)) };
}
