/** Rows on which nothing is learnt, so that a candidate can be judged on them. */
import type { Samples } from "../../../experts/index.ts";
import { takeSamples } from "../../../mixture/index.ts";

/** One row in this many is held out. */
const HELD_OUT = 4;

export interface HeldOutDivision {
  readonly learnt: Samples;
  readonly held: Samples;
}

/**
 * The last part in time, and the rows before it. Rows next to each other may share an error, so
 * that an expert that has learnt one of them predicts its neighbours well without any law.
 */
export function holdOutLast(samples: Samples): HeldOutDivision {
  const places = Int32Array.from(samples.y.keys());
  const from = places.length - Math.floor(places.length / HELD_OUT);
  const learnt = takeSamples(samples, places.subarray(0, from));
  return { learnt, held: takeSamples(samples, places.subarray(from)) };
}

/** One row in HELD_OUT all over, and the others: to compare experts where order is no matter. */
export function holdOutSome(samples: Samples): HeldOutDivision {
  const places = Int32Array.from(samples.y.keys());
  const isHeld = (place: number): boolean => place % HELD_OUT === HELD_OUT - 1;
  const learnt = takeSamples(
    samples,
    places.filter((place) => !isHeld(place)),
  );
  return { learnt, held: takeSamples(samples, places.filter(isHeld)) };
}
