/** The rows of the regimes bench, one a set and seed, condensed to one a set. */
import { median } from "../../shared/statistics.ts";
import type { AccurateOutcome } from "./accurate.ts";
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
  /** null if unknown. */
  readonly trueRegimes: number | null;
  readonly clean: FitOutcome;
  /**
   * The same with a share of the training targets replaced by those of other rows: where a gate
   * could tell regimes apart, of every seed; elsewhere of the first; null for all others.
   */
  readonly corrupted: FitOutcome | null;
  /** Asked where a gate could tell the regimes apart. */
  readonly peers: readonly PeerOutcome[];
  /**
   * The preset `accurate`, on sets with regimes, of the first seed; null for all others, missing in
   * results of earlier versions.
   */
  readonly accurate?: AccurateOutcome | null | undefined;
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
  readonly bandShare: number | null;
}

export interface PeerSummary {
  readonly name: string;
  /** Medians over the seeds that it solved; null of one that does not divide the rows. */
  readonly ari: number | null;
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
  readonly corrupted: FitSummary | null;
  /** Seeds that said partitioning is worth it. */
  readonly worthIt: number;
  /** Fits with a verdict: those that are timed. */
  readonly nJudged: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  /** Our error ÷ that of `accurate`, of the seeds that have both; null if none has. */
  readonly vsAccurate: number | null;
  /** The error of `accurate` with a member of regimes ÷ that without; null if it was not fitted. */
  readonly withVsWithout: number | null;
  /** Those that solved the set for some seed, the largest ARI first. */
  readonly peers: readonly PeerSummary[];
}

/** One summary a set, in the order in which they come. */
export function summariseSets(rows: readonly RegimeRow[]): readonly SetSummary[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.map((set) => {
    const ofSet = rows.filter((row) => row.set === set);
    const clean = ofSet.map((row) => row.clean);
    const corrupted = ofSet.map((row) => row.corrupted).filter((fit) => fit !== null);
    const judged = clean.filter(({ verdict }) => verdict !== null);
    return {
      set,
      routable: isRoutable(set),
      trueRegimes: ofSet[0]!.trueRegimes,
      seeds: ofSet.map(({ seed }) => seed),
      clean: summariseFits(clean),
      corrupted: corrupted.length === 0 ? null : summariseFits(corrupted),
      worthIt: clean.filter(({ verdict }) => verdict === "worth it").length,
      nJudged: judged.length,
      wallSeconds: median(judged.map((fit) => fit.wallSeconds)),
      cpuSeconds: median(judged.map((fit) => fit.cpuSeconds)),
      vsAccurate: medianOf(
        ofSet.map(({ accurate, clean: { errors } }) =>
          accurate ? errors.all / accurate.error : null,
        ),
      ),
      withVsWithout: medianOf(
        ofSet.map(({ accurate }) => (accurate ? accurate.withRegimes / accurate.error : null)),
      ),
      peers: summarisePeers(ofSet.flatMap(({ peers }) => peers)),
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
    bandShare: medianOf(fits.map(({ bandShare }) => bandShare ?? null)),
  };
}

function summarisePeers(outcomes: readonly PeerOutcome[]): readonly PeerSummary[] {
  const solved = outcomes.filter((outcome) => "ari" in outcome);
  const names = [...new Set(solved.map(({ name }) => name))];
  return names
    .map((name) => {
      const ofPeer = solved.filter((outcome) => outcome.name === name);
      return {
        name,
        ari: medianOf(ofPeer.map(({ ari }) => ari)),
        error: median(ofPeer.map(({ error }) => error)),
        cpuSeconds: median(ofPeer.map(({ cpuSeconds }) => cpuSeconds)),
        solved: ofPeer.length,
      };
    })
    .sort((a, b) => (b.ari ?? -1) - (a.ari ?? -1));
}

/** Of those that have a value; null if none has. */
function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : median(known);
}
