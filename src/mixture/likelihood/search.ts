/**
 * The search for regimes: climbs of the likelihood from many starts with 1, 2, 4, 8 nets, told
 * apart on held-out rows, the fewest regimes within one standard error of the best, one more
 * where that helps; then cut into connected pieces, and those merged that one law explains.
 *
 * The search divides; it does not predict. Its labels are what a gate and full-sized experts are
 * trained on afterwards.
 */
import { holdOut } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { adjustedRandIndex, mean, standardError } from "../../metrics/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Progress } from "../../shared/progress.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Partition } from "../compete.ts";
import type { Executor } from "../executor.ts";
import type { CompetitionOptions } from "../options.ts";
import { allRows, takeSamples } from "../samples.ts";
import { type Climbed, climb, climbWithNewcomer, type Laws, type Start } from "./climb.ts";
import { answer, logLikelihoods, mostResponsible, responsibilities } from "./expectation.ts";
import { mergeRegimes } from "./merge.ts";
import { cutIntoPieces, nearest } from "./pieces.ts";

/** One number of experts, tried from several starts. */
export interface RegimeCandidate {
  readonly nExperts: number;
  /** What its best start's experts are. */
  readonly laws: Laws;
  /** Regimes that hold enough rows to count. */
  readonly nUsed: number;
  /** Mean log likelihood of a held-out row, of the best start. */
  readonly logLikelihood: number;
  /** Standard error of its difference to the best candidate over the held-out rows. */
  readonly standardError: number;
  /** Integrated completed likelihood: the log likelihood less the entropy of who is responsible
   * (Biernacki, Celeux & Govaert 2000), on held-out rows. */
  readonly icl: number;
  /** Adjusted Rand index of the best start's labels with those of the next best two, each trained
   * on a resample of its own; 1 if there is one start. */
  readonly stability: number;
}

/** How the regimes were found. */
export interface RegimeSearch {
  /** Ascending by nExperts. */
  readonly candidates: readonly RegimeCandidate[];
  /** Index of the candidate that was taken. */
  readonly chosen: number;
  /** A further expert joined since it lowered the hold-out loss. */
  readonly grown: boolean;
  /** Connected pieces of the candidate's regimes, before the merge test. */
  readonly nPieces: number;
}

export interface SearchOptions {
  readonly seed: number;
  /** Numbers of experts to try, at least one. */
  readonly candidates: readonly number[];
  /** Climbs for each number with nets; half as many more have linear experts. */
  readonly restarts: number;
  readonly competition: CompetitionOptions;
}

export interface FoundRegimes {
  readonly partition: Partition;
  readonly search: RegimeSearch;
}

/** The search climbs on this many rows at most; the others are labelled afterwards. */
const MAX_ROWS = 4000;
const HOLD_OUT_SHARE = 0.2;
/** Each start trains on a resample of this share of the rows. */
const RESAMPLE_SHARE = 0.9;
/** A newcomer starts with this share of the rows: those predicted worst. */
const WORST_SHARE = 0.1;

/** Finds regimes in samples. Labels cover all of them. */
export async function searchRegimes(
  samples: Samples,
  options: SearchOptions,
  executor: Executor,
  progress: Progress,
): Promise<FoundRegimes> {
  const part = searchPart(samples, options.seed);
  const { train, test } = holdOut(part.y.length, {
    testFraction: HOLD_OUT_SHARE,
    seed: childSeed(options.seed, "regimes hold-out"),
    groups: part.groups,
  });
  const starts = startsOf(train, part.y.length, options);
  let arrived = 0;
  const climbed = await Promise.all(
    starts.map(async (start) => {
      const one = await climb(part, start, executor);
      arrived += 1;
      progress("searching regimes", (0.85 * arrived) / starts.length);
      return one;
    }),
  );
  const ranked = rank(climbed, test);
  const candidates = compare(ranked, test, options.competition);
  const chosen = fewestUsed(candidates);
  const best = ranked[chosen]![0]!;
  const newcomer = await grow(part, best, executor);
  const taken = isLikelier(newcomer, best, test) ? newcomer : best;
  progress("merging regimes", 0.9);
  const settled = await settle({ samples, part }, taken, options, executor);
  progress("regimes", 1);
  const climbs = [...climbed, newcomer].reduce((sum, { cost }) => sum + cost, 0);
  const { labels, nRegimes, nPieces } = settled;
  return {
    partition: { labels, nExperts: nRegimes, rounds: taken.rounds, cost: climbs + settled.cost },
    search: { candidates, chosen, grown: taken !== best, nPieces },
  };
}

/** All samples, or as many at random as a search takes. */
function searchPart(samples: Samples, seed: number): Samples {
  const rows = allRows(samples.y.length);
  if (rows.length <= MAX_ROWS) return samples;
  shuffle(rows, createRng(childSeed(seed, "regimes rows")));
  return takeSamples(samples, rows.subarray(0, MAX_ROWS).sort());
}

function startsOf(train: Int32Array, nSamples: number, options: SearchOptions): readonly Start[] {
  const limit = Math.max(1, Math.floor(nSamples / options.competition.rowsPerExpert));
  const sizes = [...new Set(options.candidates.map((size) => Math.min(size, limit)))];
  return sizes
    .sort((a, b) => a - b)
    .flatMap((nExperts) => {
      const nNets = nExperts === 1 ? 1 : options.restarts;
      const nLines = Math.ceil(nNets / 2);
      return Array.from({ length: nNets + nLines }, (_, restart) => {
        const laws: Laws = restart < nNets ? "nets" : "lines";
        return { nExperts, laws, restart };
      });
    })
    .map(({ nExperts, laws, restart }) => {
      const seed = childSeed(options.seed, `regimes ${nExperts} ${restart}`);
      return { nExperts, laws, seed, rows: resample(train, seed) };
    });
}

function resample(rows: Int32Array, seed: number): Int32Array {
  const drawn = rows.slice();
  shuffle(drawn, createRng(childSeed(seed, "resample")));
  return drawn.slice(0, Math.max(1, Math.round(RESAMPLE_SHARE * rows.length))).sort();
}

/** Climbs by number of experts, ascending; the likeliest on held-out rows first. */
function rank(climbed: readonly Climbed[], test: Int32Array): readonly (readonly Climbed[])[] {
  const sizes = [...new Set(climbed.map(({ nExperts }) => nExperts))];
  const likely = new Map(climbed.map((one) => [one, mean(heldOut(one, test))]));
  return sizes.map((size) =>
    climbed
      .filter(({ nExperts }) => nExperts === size)
      .sort((a, b) => likely.get(b)! - likely.get(a)!),
  );
}

function heldOut({ answers, mixture }: Climbed, test: Int32Array): Float64Array {
  return logLikelihoods(answers, mixture.variance, test);
}

function compare(
  ranked: readonly (readonly Climbed[])[],
  test: Int32Array,
  competition: CompetitionOptions,
): readonly RegimeCandidate[] {
  const losses = ranked.map(([best]) => heldOut(best!, test));
  const means = losses.map(mean);
  const top = losses[means.indexOf(Math.max(...means))]!;
  return ranked.map(([best, ...others], c) => {
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
      icl: means[c]! - meanEntropy(best!, test),
      stability: agreements.length === 0 ? 1 : mean(agreements),
    };
  });
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

/** Index of the candidate of fewest regimes within one standard error of the likeliest. */
function fewestUsed(candidates: readonly RegimeCandidate[]): number {
  const most = Math.max(...candidates.map(({ logLikelihood }) => logLikelihood));
  const good = [...candidates.keys()].filter((c) => {
    const { logLikelihood, standardError: error } = candidates[c]!;
    return logLikelihood >= most - error;
  });
  return good.reduce((best, c) => (candidates[c]!.nUsed < candidates[best]!.nUsed ? c : best));
}

/** The same with one expert more, for the rows that it predicts worst. */
async function grow(samples: Samples, best: Climbed, executor: Executor): Promise<Climbed> {
  const likely = logLikelihoods(best.answers, best.mixture.variance, best.rows);
  const order = [...likely.keys()].sort((a, b) => likely[a]! - likely[b]!);
  const nWorst = Math.max(1, Math.round(WORST_SHARE * order.length));
  const worst = Int32Array.from(order.slice(0, nWorst), (place) => best.rows[place]!);
  return climbWithNewcomer(samples, best, worst, executor);
}

/** Whether held-out rows are likelier, on average, by more than a standard error. */
function isLikelier(one: Climbed, other: Climbed, test: Int32Array): boolean {
  const before = heldOut(other, test);
  const gains = heldOut(one, test).map((value, i) => value - before[i]!);
  return mean(gains) > standardError(gains);
}

interface Settled {
  /** Of all samples. */
  readonly labels: Int32Array;
  readonly nRegimes: number;
  readonly nPieces: number;
  /** Multiply-adds spent. */
  readonly cost: number;
}

/** Final labels: small regimes dissolved, the others cut into pieces, equal laws merged. */
async function settle(
  { samples, part }: { readonly samples: Samples; readonly part: Samples },
  { mixture, nExperts, laws }: Climbed,
  { seed, competition }: SearchOptions,
  executor: Executor,
): Promise<Settled> {
  const { engine } = executor;
  const { variance } = mixture;
  const sharesOn = (rows: Samples) => responsibilities(answer(engine, mixture, rows), variance);
  const shares = sharesOn(part);
  const used = usedRegimes(mostResponsible(shares, nExperts), nExperts, competition);
  const coarse = labelAmong(shares, nExperts, used);
  const cut = cutIntoPieces(part.X, coarse, leastRows(part.y.length, competition));
  const { labels: pieces, nPieces } = cut;
  const merging = { samples: part, laws, labels: pieces, nRegimes: nPieces, variance, seed };
  const { labels, nRegimes, cost } = await mergeRegimes(merging, executor);
  const settled = { nRegimes, nPieces, cost };
  if (part === samples) return { ...settled, labels };
  const all = labelAmong(sharesOn(samples), nExperts, used);
  return { ...settled, labels: spread(samples.X, all, part.X, coarse, labels) };
}

/** The most responsible of the used experts, by its place among them. */
function labelAmong(shares: Float32Array, nExperts: number, used: readonly number[]): Int32Array {
  const kept = Float32Array.from(
    { length: (shares.length / nExperts) * used.length },
    (_, e) => shares[Math.floor(e / used.length) * nExperts + used[e % used.length]!]!,
  );
  return mostResponsible(kept, used.length);
}

/**
 * Final labels of all rows from those of a part. Where all rows of a used expert went to one
 * regime, so do the others of it; where they were divided, the nearest row of the part decides.
 */
function spread(
  X: Matrix,
  all: Int32Array,
  partX: Matrix,
  coarse: Int32Array,
  labels: Int32Array,
): Int32Array {
  const rowsOf = new Map<number, Int32Array>();
  for (const label of new Set(coarse)) {
    rowsOf.set(
      label,
      Int32Array.from(coarse.keys()).filter((j) => coarse[j] === label),
    );
  }
  const whole = new Map(
    [...rowsOf].map(([label, rows]) => [label, new Set(rows.map((j) => labels[j]!)).size === 1]),
  );
  return all.map((label, i) => {
    const rows = rowsOf.get(label)!;
    const j = whole.get(label) ? rows[0]! : nearest(X, i, partX, rows, () => true);
    return labels[j]!;
  });
}

/** Regimes of enough rows; the largest if none has. */
function usedRegimes(
  labels: Int32Array,
  nExperts: number,
  { minShare, minRows }: Pick<CompetitionOptions, "minShare" | "minRows">,
): readonly number[] {
  const counts = new Int32Array(nExperts);
  for (const label of labels) counts[label]! += 1;
  const least = leastRows(labels.length, { minShare, minRows });
  const used = [...counts.keys()].filter((k) => counts[k]! >= least);
  return used.length > 0 ? used : [counts.indexOf(Math.max(...counts))];
}

/** A regime holds so many rows at least. */
function leastRows(
  nRows: number,
  { minShare, minRows }: Pick<CompetitionOptions, "minShare" | "minRows">,
): number {
  return Math.max(minShare * nRows, minRows);
}
