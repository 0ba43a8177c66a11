/** The rows of the regimes bench, one a set and seed, condensed to one a set. */
import { median } from "../../shared/statistics.ts";
import type { FitOutcome } from "./fit.ts";
import type { PeerOutcome } from "./peers.ts";
import { isRoutable } from "./sets.ts";

/** One set, divided and fitted by one seed. */
export interface RegimeRow {
  readonly set: string;
  readonly seed: number;
  /** Training rows asked for; a set may have fewer. */
  readonly nRows: number;
  readonly nTrain: number;
  readonly nTest: number;
  /** null where nobody knows. */
  readonly trueRegimes: number | null;
  readonly clean: FitOutcome;
  /** The same with a share of the training targets replaced by those of other rows. */
  /** Of the first seed alone; null for the others. */
  readonly corrupted: FitOutcome | null;
  /** Asked where a gate could tell the regimes apart. */
  readonly peers: readonly PeerOutcome[];
}

/** Medians over seeds; null where the truth is unknown or there is no such row. */
export interface FitSummary {
  readonly ari: number | null;
  /** One a seed. */
  readonly nRegimes: readonly number[];
  readonly all: number;
  readonly near: number | null;
  readonly away: number | null;
  readonly nearShare: number;
}

export interface PeerSummary {
  readonly name: string;
  /** Medians over the seeds that it solved. */
  readonly ari: number;
  readonly error: number;
  readonly cpuSeconds: number;
  readonly solved: number;
}

export interface SetSummary {
  readonly set: string;
  readonly routable: boolean;
  readonly trueRegimes: number | null;
  readonly seeds: readonly number[];
  readonly clean: FitSummary;
  readonly corrupted: FitSummary;
  /** Seeds that said partitioning is worth it. */
  readonly worthIt: number;
  /** Fits with a verdict: those that are timed. */
  readonly nJudged: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Those that solved the set for some seed, the largest ARI first. */
  readonly peers: readonly PeerSummary[];
}

/** One summary a set, in the order in which they come. */
export function summariseSets(rows: readonly RegimeRow[]): readonly SetSummary[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.map((set) => {
    const own = rows.filter((row) => row.set === set);
    const clean = own.map((row) => row.clean);
    const judged = clean.filter(({ verdict }) => verdict !== null);
    return {
      set,
      routable: isRoutable(set),
      trueRegimes: own[0]!.trueRegimes,
      seeds: own.map(({ seed }) => seed),
      clean: summariseFits(clean),
      corrupted: summariseFits(own.map((row) => row.corrupted).filter((fit) => fit !== null)),
      worthIt: clean.filter(({ verdict }) => verdict === "worth it").length,
      nJudged: judged.length,
      wallSeconds: median(judged.map((fit) => fit.wallSeconds)),
      cpuSeconds: median(judged.map((fit) => fit.cpuSeconds)),
      peers: summarisePeers(own.flatMap(({ peers }) => peers)),
    };
  });
}

function summariseFits(fits: readonly FitOutcome[]): FitSummary {
  return {
    ari: medianOf(fits.map(({ ari }) => ari)),
    nRegimes: fits.map(({ nRegimes }) => nRegimes),
    all: median(fits.map(({ errors }) => errors.all)),
    near: medianOf(fits.map(({ errors }) => errors.near)),
    away: medianOf(fits.map(({ errors }) => errors.away)),
    nearShare: median(fits.map(({ errors }) => errors.nearShare)),
  };
}

function summarisePeers(outcomes: readonly PeerOutcome[]): readonly PeerSummary[] {
  const solved = outcomes.filter((outcome) => "ari" in outcome);
  const names = [...new Set(solved.map(({ name }) => name))];
  return names
    .map((name) => {
      const own = solved.filter((outcome) => outcome.name === name);
      return {
        name,
        ari: median(own.map(({ ari }) => ari)),
        error: median(own.map(({ error }) => error)),
        cpuSeconds: median(own.map(({ cpuSeconds }) => cpuSeconds)),
        solved: own.length,
      };
    })
    .sort((a, b) => b.ari - a.ari);
}

/** Of those that have a value; null if none has. */
function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
