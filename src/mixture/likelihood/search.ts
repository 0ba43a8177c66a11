/**
 * The search for regimes: climbs of the likelihood from many starts with 1, 2, 4, 8 laws, compared
 * on held-out rows. The fewest regimes within one standard error of the best win, and more are
 * added while that helps; then regimes are cut into connected pieces, and pieces with one law are
 * merged.
 *
 * The search divides; it does not predict. Its labels are what a gate and full-sized experts are
 * trained on afterwards.
 */
import { holdOut } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Partition } from "../compete.ts";
import type { Executor } from "../executor.ts";
import { type CompetitionOptions, holdOutRepeats } from "../options.ts";
import { allRows, takeSamples } from "../samples.ts";
import {
  compare,
  fewestUsed,
  type HoldOutClimbs,
  isLikelier,
  type RegimeCandidate,
  rank,
} from "./candidates.ts";
import { climbWithNewcomer, polish } from "./climb.ts";
import type { Climbed } from "./climber.ts";
import { logLikelihoods } from "./expectation.ts";
import type { Laws } from "./laws.ts";
import { labelAll, type Relabelled } from "./refine.ts";
import { type Settled, settle } from "./settle.ts";
import { climbFrom, startsOf } from "./starts.ts";

/** How the regimes were found. */
export interface RegimeSearch {
  /** Ascending by nExperts. */
  readonly candidates: readonly RegimeCandidate[];
  /** Index of the chosen candidate. */
  readonly chosen: number;
  /** An expert was added because it lowered the hold-out loss. */
  readonly grown: boolean;
  /** Connected pieces of the candidate's regimes, before the merge test. */
  readonly nPieces: number;
}

export interface SearchOptions {
  readonly seed: number;
  /** Numbers of experts to try, at least one. */
  readonly candidates: readonly number[];
  /** Random starts of each number, beside those from labels. */
  readonly restarts: number;
  readonly competition: CompetitionOptions;
}

export interface FoundRegimes {
  readonly partition: Partition;
  /** 0 for rows that no law explains. Shape (nSamples,). */
  readonly inliers: Uint8Array;
  /** The kind of the regimes' laws in the search. */
  readonly laws: Laws;
  readonly search: RegimeSearch;
}

/** Most rows that the search climbs on; the other rows join when the regimes are final. */
const MAX_ROWS = 4000;
const HOLD_OUT_SHARE = 0.2;
/** Number of climbs of highest likelihood that are polished, for each number of experts. */
const POLISHED = 2;
/** An added expert starts with this share of the rows: those predicted worst. */
const WORST_SHARE = 0.1;
/** Most added experts. */
const MAX_NEWCOMERS = 3;

/** Finds regimes in samples. Labels cover all of them. */
export async function searchRegimes(
  samples: Samples,
  options: SearchOptions,
  executor: Executor,
  progress: Progress,
): Promise<FoundRegimes> {
  const part = searchPart(samples, options.seed);
  const repeats = holdOutRepeats(part.y.length);
  const holdOuts: HoldOutClimbs[] = [];
  const spent = { cost: 0 };
  for (let h = 0; h < repeats; h++) {
    const climbing = within(progress, (0.8 * h) / repeats, (0.8 * (h + 1)) / repeats);
    holdOuts.push(await climbAll(part, { ...options, holdOut: h, spent }, executor, climbing));
  }
  const candidates = compare(holdOuts, options.competition);
  const chosen = fewestUsed(candidates);
  const best = holdOuts[0]!.ranked[chosen]![0]!;
  const taken = await grow(part, { best, test: holdOuts[0]!.test, spent }, executor);
  progress("merging regimes", 0.9);
  const settled = await settle(part, taken, options, executor);
  const { nRegimes, nPieces } = settled;
  const { laws } = taken;
  const sources = { samples, part };
  const labelled = await labelRows(sources, { laws, settled }, options, executor);
  progress("regimes", 1);
  return {
    partition: {
      labels: labelled.labels,
      nExperts: nRegimes,
      rounds: taken.rounds,
      cost: spent.cost + settled.cost + labelled.cost,
    },
    inliers: labelled.inliers,
    laws,
    search: { candidates, chosen, grown: taken !== best, nPieces },
  };
}

/** All samples, or as many at random as a search takes. */
function searchPart(samples: Samples, seed: number): Samples {
  const rows = allRows(samples.y.length);
  if (rows.length <= MAX_ROWS) return samples;
  shuffle(rows, createRng(childSeed(seed, "regimes rows")));
  return takeSamples(samples, rows.slice(0, MAX_ROWS).sort());
}

interface Climbing extends SearchOptions {
  /** The number of the hold-out. */
  readonly holdOut: number;
  readonly spent: { cost: number };
}

/** Every start climbed, the best of each number of experts polished. Modifies `spent`. */
async function climbAll(
  part: Samples,
  { holdOut: h, spent, ...options }: Climbing,
  executor: Executor,
  progress: Progress,
): Promise<HoldOutClimbs> {
  const seed = childSeed(options.seed, `regimes hold-out ${h}`);
  const { train, test } = holdOut(part.y.length, {
    testFraction: HOLD_OUT_SHARE,
    seed,
    groups: part.groups,
  });
  const limit = Math.max(1, Math.floor(part.y.length / options.competition.rowsPerExpert));
  const sizes = [...new Set(options.candidates.map((size) => Math.min(size, limit)))];
  sizes.sort((a, b) => a - b);
  const starts = startsOf(part, train, { seed, sizes, restarts: options.restarts });
  let arrived = 0;
  const climbed = await Promise.all(
    starts.map(async (start) => {
      const one = await climbFrom(part, start, executor);
      arrived += 1;
      progress("searching regimes", (0.8 * arrived) / starts.length);
      return one;
    }),
  );
  const best = rank(climbed, test).flatMap((climbs) => climbs.slice(0, POLISHED));
  const polished = await Promise.all(best.map((one) => polish(part, one, executor)));
  for (const { cost } of [...climbed, ...polished]) spent.cost += cost;
  return { ranked: rank([...climbed, ...polished], test), test };
}

interface Growing {
  readonly best: Climbed;
  readonly test: Int32Array;
  readonly spent: { cost: number };
}

/** Adds an expert for the rows predicted worst, while the held-out likelihood rises. */
async function grow(
  part: Samples,
  { best, test, spent }: Growing,
  executor: Executor,
): Promise<Climbed> {
  let taken = best;
  for (let n = 0; n < MAX_NEWCOMERS; n++) {
    const likely = logLikelihoods(taken.answers, taken.mixture, taken.rows);
    const order = [...likely.keys()].sort((a, b) => likely[a]! - likely[b]!);
    const nWorst = Math.max(1, Math.round(WORST_SHARE * order.length));
    const worst = Int32Array.from(order.slice(0, nWorst), (place) => taken.rows[place]!);
    const newcomer = await climbWithNewcomer(part, taken, worst, executor);
    spent.cost += newcomer.cost;
    if (!isLikelier(newcomer, taken, test)) break;
    taken = newcomer;
  }
  return taken;
}

/** Labels of all samples, by laws trained on more samples than the search used. */
async function labelRows(
  { samples, part }: { readonly samples: Samples; readonly part: Samples },
  { laws, settled }: { readonly laws: Laws; readonly settled: Settled },
  { seed }: SearchOptions,
  executor: Executor,
): Promise<Relabelled> {
  const { labels, inliers, nRegimes } = settled;
  if (part === samples) return { labels, inliers, cost: 0 };
  const labelled = { labels, nRegimes, laws };
  return labelAll(samples, { part, known: labelled }, childSeed(seed, "refine"), executor);
}
