/**
 * Experts of families that are fitted in one go: they cannot go on from where they stand. They are
 * fitted anew, on new rows and on old ones with the weight that held-out new rows choose.
 */
import {
  type Expert,
  type FamilyName,
  fitFamily,
  predictExpert,
  type Samples,
} from "../../../experts/index.ts";
import { mean } from "../../../metrics/index.ts";
import { clip, type Range, takeSamples } from "../../../mixture/index.ts";
import { childSeed } from "../../../shared/rng.ts";
import { FORGETTING } from "../../training.ts";
import { weigh } from "../samples.ts";
import type { HeldOutDivision } from "./hold-out.ts";
import type { Learning, Lesson } from "./lesson.ts";

interface Fitted {
  readonly expert: Expert;
  /** Errors of the chosen candidate on held-out rows, standardised. */
  readonly heldOut: Float64Array;
  readonly oldWeight: number | null;
}

/** @param range - Where answers are clipped. */
export function learnFamily(
  family: FamilyName,
  { fresh, old }: Lesson,
  { learnt, held }: HeldOutDivision,
  { range, seed, executor }: Learning & { readonly range: Range },
): Fitted {
  const weights = old === null ? [0] : FORGETTING;
  const fitted = (rows: Samples, weight: number): Expert =>
    fitFamily(family, withoutUnweighted(weigh(rows, old, weight)), childSeed(seed, family));
  const errors = weights.map((weight) => {
    const answers = predictExpert(executor.engine, fitted(learnt, weight), held.X);
    return Float64Array.from(answers, (value, i) => clip(value, range) - held.y[i]!);
  });
  const losses = errors.map((list) => mean(list.map((error) => error ** 2)));
  const best = losses.indexOf(Math.min(...losses));
  return {
    expert: fitted(fresh, weights[best]!),
    heldOut: errors[best]!,
    oldWeight: old === null ? null : weights[best]!,
  };
}

function withoutUnweighted(samples: Samples): Samples {
  const { weights } = samples;
  if (weights === null || weights.every((weight) => weight > 0)) return samples;
  return takeSamples(
    samples,
    Int32Array.from(weights.keys()).filter((i) => weights[i]! > 0),
  );
}
