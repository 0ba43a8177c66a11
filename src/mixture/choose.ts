/**
 * Chooses the number of experts. Each candidate is grown on part of the rows and judged on the
 * rest, routed as in use; fewer experts win unless more are better by a standard error.
 */
import type { Split } from "../data/index.ts";
import type { Samples } from "../experts/index.ts";
import { mean, standardError } from "../metrics/index.ts";
import { silent } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import type { Run } from "./executor.ts";
import { growMixture, trainBase } from "./grow.ts";
import type { FitOptions } from "./options.ts";
import { predictMixture } from "./predict.ts";
import { innerHoldOuts, takeSamples, targetRange } from "./samples.ts";
import type { NetSettings } from "./train-net.ts";

export interface Candidate {
  readonly nExperts: number;
  /** Mean squared error on held-out rows, routed, in standardised units. */
  readonly holdOutMse: number;
  /** Standard error of its difference to the best candidate over the held-out rows. */
  readonly standardError: number;
}

/** Held-out errors of a mixture of the chosen size. */
export interface RowErrors {
  /** Row numbers of the samples; a row occurs once for every hold-out that it was in. */
  readonly rows: Int32Array;
  /** Prediction − target, in standardised units. Same length. */
  readonly errors: Float64Array;
}

export interface Choice {
  readonly nExperts: number;
  readonly candidates: readonly Candidate[];
  readonly heldOut: RowErrors;
  /** Prediction − target of each candidate, as `heldOut` has them of the chosen one. */
  readonly errors: readonly Float64Array[];
  /** The hold-outs, whose test rows, one after the other, are those of `heldOut`. */
  readonly splits: readonly Split[];
  /** Multiply-adds spent. */
  readonly cost: number;
}

/**
 * Chooses among `options.candidates`; 1 is always among them. If `options.experts` is a number,
 * it is chosen without regard to the errors.
 */
export async function chooseExperts(
  samples: Samples,
  settings: NetSettings,
  options: FitOptions,
  { executor, progress }: Run,
): Promise<Choice> {
  const wanted = options.experts === null ? options.candidates : [options.experts];
  const sizes = [...new Set([1, ...wanted])].sort((a, b) => a - b);
  const holdOuts = innerHoldOuts(samples, childSeed(options.seed, "choice"));
  const rows = Int32Array.from(holdOuts.flatMap(({ test }) => [...test]));
  const errors = sizes.map(() => new Float64Array(rows.length));
  let cost = 0;
  let filled = 0;
  for (const [h, { train, test }] of holdOuts.entries()) {
    const seen = takeSamples(samples, train);
    const unseen = takeSamples(samples, test);
    const holdOutOptions = { ...options, seed: childSeed(options.seed, `choice ${h}`) };
    const { base, cost: baseCost } = await trainBase(seen, settings, holdOutOptions, executor);
    cost += baseCost;
    for (const [c, nExperts] of sizes.entries()) {
      const start = { samples: seen, settings, base, nExperts };
      const grown = await growMixture(start, holdOutOptions, executor, silent);
      const range = targetRange(seen.y);
      const { values } = predictMixture(executor.engine, grown.mixture, unseen.X, range);
      values.forEach((value, i) => {
        errors[c]![filled + i] = value - unseen.y[i]!;
      });
      cost += grown.cost;
      progress(`trying ${nExperts} experts`, (h + (c + 1) / sizes.length) / holdOuts.length);
    }
    filled += test.length;
  }
  const candidates = compareCandidates(sizes, errors, rows);
  const chosen = chooseCandidate({ sizes, errors, rows }, options);
  const heldOut = { rows, errors: errors[chosen]! };
  const splits = holdOuts;
  return { nExperts: sizes[chosen]!, candidates, heldOut, errors, splits, cost };
}

/** What numbers of experts got wrong on the same held-out rows. */
interface Tried {
  readonly sizes: readonly number[];
  /** Of each size: prediction − target. Shapes (rows.length,). */
  readonly errors: readonly Float64Array[];
  readonly rows: Int32Array;
}

/**
 * The index of the size that is taken: the number of experts that a person ordered; or the fewest
 * within one standard error of the best. Regimes that a search found are kept unless one net, the
 * first size, is better by more than a standard error.
 */
export function chooseCandidate(
  { sizes, errors, rows }: Tried,
  { experts, partitioning }: Pick<FitOptions, "experts" | "partitioning">,
): number {
  if (partitioning === "likelihood") {
    const [single, mixture] = errors;
    if (mixture === undefined) return 0;
    const worse = mixture.map((error, i) => error ** 2 - single![i]! ** 2);
    return experts !== null || mean(worse) <= standardError(worse) ? 1 : 0;
  }
  if (experts !== null) return sizes.indexOf(experts);
  return fewestWithinOneError(compareCandidates(sizes, errors, rows));
}

/** @param errors - For each size: the errors of the held-out rows, in their order. */
export function compareCandidates(
  sizes: readonly number[],
  errors: readonly Float64Array[],
  rows: Int32Array,
): readonly Candidate[] {
  const losses = errors.map((ofSize) => lossByRow(ofSize, rows));
  const means = losses.map((ofSize) => mean(ofSize));
  const best = losses[means.indexOf(Math.min(...means))]!;
  return sizes.map((nExperts, c) => ({
    nExperts,
    holdOutMse: means[c]!,
    standardError: standardError(losses[c]!.map((loss, i) => loss - best[i]!)),
  }));
}

/** Mean squared error of every held-out row: repeats of a row are not further evidence. */
function lossByRow(errors: Float64Array, rows: Int32Array): Float64Array {
  const losses = new Map<number, number[]>();
  rows.forEach((row, place) => {
    losses.set(row, [...(losses.get(row) ?? []), errors[place]! ** 2]);
  });
  return Float64Array.from(losses.values(), mean);
}

/** The index of the first candidate within one standard error of the best (Breiman et al. 1984). */
export function fewestWithinOneError(
  candidates: readonly Pick<Candidate, "holdOutMse" | "standardError">[],
): number {
  const least = Math.min(...candidates.map(({ holdOutMse }) => holdOutMse));
  return candidates.findIndex((c) => c.holdOutMse <= least + c.standardError);
}
