/**
 * From a climb to regimes: dissolves small ones, cuts the others into connected pieces, and merges
 * pieces that one law explains.
 *
 * Cutting and merging look at the regime that the gate gives a row, which ignores the row's own
 * target: laws that share rows by the sign of their noise would look better than one law for
 * all. The final labels take the target into account.
 */
import type { Samples } from "../../experts/index.ts";
import type { Executor } from "../executor.ts";
import type { CompetitionOptions } from "../options.ts";
import { leastRows, usedRegimes } from "./candidates.ts";
import type { Climbed } from "./climber.ts";
import { answer, mostResponsible, responsibilities } from "./expectation.ts";
import { mergeRegimes } from "./merge.ts";
import { nearest, neighboursOf } from "./neighbours.ts";
import { EXPLAINED, inliersOf } from "./outliers.ts";
import { cutIntoPieces } from "./pieces.ts";

export interface Settled {
  /** Of all samples. */
  readonly labels: Int32Array;
  /** 0 for rows that no law explains. Shape (nSamples,). */
  readonly inliers: Uint8Array;
  readonly nRegimes: number;
  readonly nPieces: number;
  /** Multiply-adds spent. */
  readonly cost: number;
}

export async function settle(
  samples: Samples,
  { mixture, nExperts, laws }: Climbed,
  { seed, competition }: { readonly seed: number; readonly competition: CompetitionOptions },
  executor: Executor,
): Promise<Settled> {
  const { variance, outliers } = mixture;
  const answers = answer(executor.engine, mixture, samples);
  const scores = Float32Array.from(answers.scores);
  const used = usedRegimes(mostResponsible(scores, nExperts), nExperts, competition);
  const byGate = labelAmong(scores, nExperts, used);
  const neighbours = neighboursOf(samples.X);
  const least = leastRows(samples.y.length, competition);
  const cut = cutIntoPieces({ X: samples.X, neighbours, labels: byGate }, least);
  const isExplained = Uint8Array.from(byGate, (label, i) =>
    answers.errors[i * nExperts + used[label]!]! <= EXPLAINED * variance ? 1 : 0,
  );
  const parts = { labels: cut.labels, nRegimes: cut.nPieces, neighbours };
  const pieces = { ...parts, inliers: isExplained };
  const merged = await mergeRegimes({ samples, laws, variance, seed, ...pieces }, executor);
  const byShare = labelAmong(responsibilities(answers, variance, outliers), nExperts, used);
  const labels = merged.labels.map((label, i) => {
    if (byShare[i] === byGate[i]) return label;
    const j = nearest(samples.X, i, (row) => byGate[row] === byShare[i]);
    return j < 0 ? label : merged.labels[j]!;
  });
  const inliers = inliersOf(samples.X, answers, variance);
  return { labels, inliers, nRegimes: merged.nRegimes, nPieces: cut.nPieces, cost: merged.cost };
}

/** The most responsible of the used experts, by its place among them. */
function labelAmong(shares: Float32Array, nExperts: number, used: readonly number[]): Int32Array {
  const kept = Float32Array.from(
    { length: (shares.length / nExperts) * used.length },
    (_, e) => shares[Math.floor(e / used.length) * nExperts + used[e % used.length]!]!,
  );
  return mostResponsible(kept, used.length);
}
