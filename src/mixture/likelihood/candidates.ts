/**
 * Compares numbers of experts: the climb of each with the highest held-out likelihood, and the
 * fewest regimes within one standard error of the best. With few rows, several hold-outs are
 * pooled.
 */
import { adjustedRandIndex, mean, standardError } from "../../metrics/index.ts";
import type { CompetitionOptions } from "../options.ts";
import type { Climbed } from "./climber.ts";
import { logLikelihoods, mostResponsible } from "./expectation.ts";
import type { Laws } from "./laws.ts";

/** One number of experts, tried from several starts. */
export interface RegimeCandidate {
  readonly nExperts: number;
  /** The laws of the best start. */
  readonly laws: Laws;
  /** Regimes that hold enough rows to count. */
  readonly nUsed: number;
  /** Mean log likelihood of a held-out row, of the best start. */
  readonly logLikelihood: number;
  /** Standard error of its difference to the best candidate over the held-out rows. */
  readonly standardError: number;
  /** Integrated completed likelihood: the log likelihood less the entropy of the responsibilities
   * (Biernacki, Celeux & Govaert 2000), on held-out rows. */
  readonly icl: number;
  /** Adjusted Rand index of the best start's labels with those of the next best two; 1 if there is
   * one start. */
  readonly stability: number;
}

/** The climbs of one hold-out, and the rows that it held out. */
export interface HoldOutClimbs {
  /** By number of experts, ascending; the highest likelihood first. */
  readonly ranked: readonly (readonly Climbed[])[];
  readonly test: Int32Array;
}

/** Climbs by number of experts, ascending; the highest held-out likelihood first. */
export function rank(
  climbed: readonly Climbed[],
  test: Int32Array,
): readonly (readonly Climbed[])[] {
  const sizes = [...new Set(climbed.map(({ nExperts }) => nExperts))].sort((a, b) => a - b);
  const likely = new Map(climbed.map((one) => [one, mean(heldOutLikelihoods(one, test))]));
  return sizes.map((size) =>
    climbed
      .filter(({ nExperts }) => nExperts === size)
      .sort((a, b) => likely.get(b)! - likely.get(a)!),
  );
}

export function heldOutLikelihoods({ answers, mixture }: Climbed, test: Int32Array): Float64Array {
  return logLikelihoods(answers, mixture, test);
}

/** @param holdOuts - At least one, of the same numbers of experts. */
export function compare(
  holdOuts: readonly HoldOutClimbs[],
  competition: CompetitionOptions,
): readonly RegimeCandidate[] {
  const [first] = holdOuts;
  const losses = first!.ranked.map((_, c) => poolRows(holdOuts, c));
  const means = losses.map(mean);
  const top = losses[means.indexOf(Math.max(...means))]!;
  return first!.ranked.map(([best, ...others], c) => {
    const labels = labelsOf(best!);
    const agreements = others
      .slice(0, 2)
      .map((other) => adjustedRandIndex(labels, labelsOf(other)));
    return {
      nExperts: best!.nExperts,
      laws: best!.laws,
      nUsed: usedRegimes(labels, best!.nExperts, competition).length,
      logLikelihood: means[c]!,
      standardError: standardError(losses[c]!.map((value, i) => value - top[i]!)),
      icl: means[c]! - meanEntropy(best!, first!.test),
      stability: agreements.length === 0 ? 1 : mean(agreements),
    };
  });
}

/**
 * Mean log likelihood of each row held out by any of the hold-outs, of the best climb of size c.
 */
function poolRows(holdOuts: readonly HoldOutClimbs[], c: number): Float64Array {
  const byRow = new Map<number, number[]>();
  for (const { ranked, test } of holdOuts) {
    const likelihoods = heldOutLikelihoods(ranked[c]![0]!, test);
    test.forEach((row, place) => {
      const values = byRow.get(row);
      if (values === undefined) byRow.set(row, [likelihoods[place]!]);
      else values.push(likelihoods[place]!);
    });
  }
  return Float64Array.from(byRow.values(), mean);
}

function labelsOf({ shares, nExperts }: Climbed): Int32Array {
  return mostResponsible(shares, nExperts);
}

function meanEntropy({ shares, nExperts }: Climbed, rows: Int32Array): number {
  let sum = 0;
  for (const i of rows) {
    for (let e = i * nExperts; e < (i + 1) * nExperts; e++) {
      if (shares[e]! > 0) sum -= shares[e]! * Math.log(shares[e]!);
    }
  }
  return sum / rows.length;
}

/**
 * Index of the candidate with the fewest regimes within one standard error of the best likelihood.
 */
export function fewestUsed(candidates: readonly RegimeCandidate[]): number {
  const most = Math.max(...candidates.map(({ logLikelihood }) => logLikelihood));
  const good = [...candidates.keys()].filter((c) => {
    const { logLikelihood, standardError: error } = candidates[c]!;
    return logLikelihood >= most - error;
  });
  return good.reduce((best, c) => (candidates[c]!.nUsed < candidates[best]!.nUsed ? c : best));
}

/** Whether the likelihood of held-out rows is higher by more than a standard error. */
export function isLikelier(one: Climbed, other: Climbed, test: Int32Array): boolean {
  const before = heldOutLikelihoods(other, test);
  const gains = heldOutLikelihoods(one, test).map((value, i) => value - before[i]!);
  return mean(gains) > standardError(gains);
}

type Least = Pick<CompetitionOptions, "minShare" | "minRows">;

/** Regimes with enough rows; the largest if none has enough. */
export function usedRegimes(
  labels: Int32Array,
  nExperts: number,
  competition: Least,
): readonly number[] {
  const counts = new Int32Array(nExperts);
  for (const label of labels) counts[label]! += 1;
  const least = leastRows(labels.length, competition);
  const used = [...counts.keys()].filter((k) => counts[k]! >= least);
  return used.length > 0 ? used : [counts.indexOf(Math.max(...counts))];
}

/** The fewest rows of a regime. */
export function leastRows(nRows: number, { minShare, minRows }: Least): number {
  return Math.max(minShare * nRows, minRows);
}
