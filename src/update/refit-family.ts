/**
 * Experts of families that are fitted in one go: they cannot go on from where they stand, so they are
 * fitted anew, on new rows and on old ones with the weight that held-out new rows choose.
 */
import {
  type Expert,
  expertInputs,
  type FamilyName,
  familyFitCost,
  familyOf,
  fitFamily,
  predictExpert,
  type Samples,
} from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import { clip, type Executor, type Range, takeSamples } from "../mixture/index.ts";
import { childSeed } from "../shared/rng.ts";
import { weigh } from "./old-rows.ts";

/** Rows of which some are held out, and old ones. */
interface Division {
  readonly learnt: Samples;
  readonly held: Samples;
  readonly fresh: Samples;
  readonly old: Samples | null;
}

interface Refitted {
  readonly expert: Expert;
  /** Errors of the chosen candidate on held-out rows, standardised. */
  readonly heldOut: Float64Array;
  readonly oldWeight: number | null;
}

interface RefitOptions {
  /** Weights of old rows that are tried. */
  readonly weights: readonly number[];
  /** Where answers are clipped. */
  readonly range: Range;
  readonly seed: number;
  readonly executor: Executor;
}

export function refitFamily(
  family: FamilyName,
  { learnt, held, fresh, old }: Division,
  { weights, range, seed, executor }: RefitOptions,
): Refitted {
  const refit = (rows: Samples, weight: number): Expert =>
    fitFamily(family, withoutUnweighted(weigh(rows, old, weight)), childSeed(seed, family));
  const errors = weights.map((weight) => {
    const answers = predictExpert(executor.engine, refit(learnt, weight), held.X);
    return Float64Array.from(answers, (value, i) => clip(value, range) - held.y[i]!);
  });
  const losses = errors.map((list) => mean(list.map((error) => error ** 2)));
  const best = losses.indexOf(Math.min(...losses));
  return {
    expert: refit(fresh, weights[best]!),
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

/** Multiply-adds of one fit of the expert's family to this many rows, about. */
export function familyCost(expert: Expert, nRows: number): number {
  const family = familyOf(expert);
  return family === null ? 0 : familyFitCost(family, { nRows, nInputs: expertInputs(expert) });
}
