/** Our committees against each rival over the real sets, each of which counts once. */
import { friedmanRanks, holm, nemenyiDifference, signedRankTest } from "../../metrics/index.ts";
import { geometricMean, median } from "../../shared/statistics.ts";
import { CORE, nameOfMethod, OURS, type Ours } from "./methods.ts";
import type { AdjustedComparison, SetTally } from "./tally.ts";

export interface RivalSummary {
  readonly ours: Ours;
  readonly rival: string;
  /** As a person reads it. */
  readonly name: string;
  readonly nSets: number;
  /** Splits that both have, over all sets. */
  readonly nSplits: number;
  /** Geometric mean of the sets' ratios, our method ÷ the rival. */
  readonly gm: number;
  readonly median: number;
  readonly best: number;
  readonly worst: number;
  /** Sets whose ratio is below 1, and above. */
  readonly wins: number;
  readonly losses: number;
  /** Sets that differ for more than luck: p below .05, adjusted over the sets. */
  readonly nBetter: number;
  readonly nWorse: number;
  /** Wilcoxon's signed-rank test on the sets' log ratios, and adjusted over the rivals. */
  readonly p: number;
  readonly pHolm: number;
}

export interface MethodRank {
  readonly method: string;
  readonly name: string;
  readonly rank: number;
}

export interface RankSummary {
  readonly nSets: number;
  /** Mean ranks that are this far apart differ at α = .05 (Nemenyi). */
  readonly difference: number;
  /** The best first. */
  readonly methods: readonly MethodRank[];
}

const ALPHA = 0.05;

/** Whether a set's comparison is significant, and to whose good. */
export function verdictOf({
  ratio,
  pHolm,
}: Pick<AdjustedComparison, "ratio" | "pHolm">): "better" | "worse" | "level" {
  if (pHolm >= ALPHA || ratio === 1) return "level";
  return ratio < 1 ? "better" : "worse";
}

/** One summary for each of our methods and each rival with results on some set. */
export function summariseRivals(real: readonly SetTally[]): readonly RivalSummary[] {
  const all = real.flatMap(({ comparisons }) => comparisons);
  return OURS.flatMap((ours) => {
    const compared = all.filter((comparison) => comparison.ours === ours);
    const rivals = [...new Set(compared.map(({ rival }) => rival))];
    const summaries = rivals.map((rival) =>
      summariseRival(
        ours,
        rival,
        compared.filter((comparison) => comparison.rival === rival),
      ),
    );
    const adjusted = holm(summaries.map(({ p }) => p));
    return summaries.map((summary, place) => ({ ...summary, pHolm: adjusted[place]! }));
  });
}

function summariseRival(
  ours: Ours,
  rival: string,
  comparisons: readonly AdjustedComparison[],
): Omit<RivalSummary, "pHolm"> {
  const ratios = comparisons.map(({ ratio }) => ratio);
  const logs = ratios.map(Math.log);
  const verdicts = comparisons.map(verdictOf);
  return {
    ours,
    rival,
    name: nameOfMethod(rival),
    nSets: ratios.length,
    nSplits: comparisons.reduce((sum, { nSplits }) => sum + nSplits, 0),
    gm: geometricMean(ratios),
    median: median(ratios),
    best: Math.min(...ratios),
    worst: Math.max(...ratios),
    wins: ratios.filter((ratio) => ratio < 1).length,
    losses: ratios.filter((ratio) => ratio > 1).length,
    nBetter: verdicts.filter((verdict) => verdict === "better").length,
    nWorse: verdicts.filter((verdict) => verdict === "worse").length,
    p: signedRankTest(logs).p,
  };
}

/** Mean ranks of the core methods that every real set has; null if there are fewer than two. */
export function rankMethods(real: readonly SetTally[]): RankSummary | null {
  const methods = CORE.filter((method) => real.every(({ errors }) => method in errors));
  const difference = nemenyiDifference(methods.length, real.length);
  if (real.length === 0 || difference === null) return null;
  const errors = real.map((tally) => methods.map((method) => tally.errors[method]!.mse.mean));
  const ranks = friedmanRanks(errors).map((rank, place) => {
    const method = methods[place]!;
    return { method, name: nameOfMethod(method), rank };
  });
  return { nSets: real.length, difference, methods: ranks.sort((a, b) => a.rank - b.rank) };
}
