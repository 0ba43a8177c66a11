/**
 * A fit of rows that are elsewhere: every step asks for sums over them.
 *
 * The method is that of a fit of rows that are here, in the parts that sums allow: a preprocessing,
 * a ridge, one net, mixtures of competing nets with a softmax gate, and ridges by regime in one
 * round. Candidates are compared on held-out rows; the one that is taken is trained further on all
 * rows. It knows no sites, only how to ask for a sum.
 */
import type { Expectation, ExpertReport, Model, Verdict } from "../../mixture/index.ts";
import type { Progress } from "../../shared/progress.ts";
import { count } from "../../shared/wording.ts";
import type { AskSum, SiteDescription } from "../sums/index.ts";
import { type Candidate, mixtureCandidates, singleCandidates } from "./candidates.ts";
import { chooseCandidate, expectedErrors, judgeSites, readErrors, readLosses } from "./judge.ts";
import { learnPreprocessing } from "./learn-preprocessing.ts";

export interface SumOptions {
  readonly seed: number;
  /** Numbers of experts that are tried; 1 always is. */
  readonly experts: readonly number[];
  readonly hidden: readonly number[];
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Rows of a step, about, of all sites. */
  readonly batchRows: number;
  /** Sites that must have rows of a regime; a regime of fewer has the expert of all rows. */
  readonly leastSites: number;
}

export const DEFAULT_SUMS: SumOptions = {
  seed: 1,
  experts: [1, 2, 4],
  hidden: [32, 32],
  steps: 2000,
  learningRate: 6e-3,
  weightDecay: 0.003,
  batchRows: 512,
  leastSites: 2,
};

export interface FittedSums {
  readonly model: Model;
  readonly experts: readonly ExpertReport[];
  readonly verdict: Verdict;
  readonly expectation: Expectation;
  /** In sentences. */
  readonly notes: readonly string[];
}

/**
 * @param said - The columns that all sites have, and the number of their rows.
 * @param leastShare - Of the rows, that a step must draw.
 * @throws TARGET_CONSTANT, EXPERT_DIVERGED; as `askSum`.
 */
export async function fitSums(
  said: SiteDescription,
  { leastShare, ...options }: SumOptions & { readonly leastShare: number },
  askSum: AskSum,
  progress: Progress,
): Promise<FittedSums> {
  progress("columns", 0);
  const preprocessing = await learnPreprocessing(said, askSum);
  const { seed, steps } = options;
  const share = Math.min(1, Math.max(leastShare, options.batchRows / said.nRows));
  const sizes = options.experts.filter((n) => n > 1);
  const parts = sizes.length + 2;
  const training = (stage: string, part: number) => {
    const onStep = (step: number): void => progress(stage, (part + step / steps) / parts);
    return { ...options, preprocessing, share, onStep };
  };
  const singles = await singleCandidates(training("1 expert", 0), askSum);
  const candidates: Candidate[] = [...singles];
  for (const [s, nExperts] of sizes.entries()) {
    const own = { ...training(count(nExperts, "expert"), s + 1), nExperts };
    candidates.push(...(await mixtureCandidates(own, singles, askSum)));
  }
  const compared = { preprocessing, side: "held-out", seed } as const;
  const mixtures = candidates.map(({ mixture }) => mixture);
  const sums = await askSum({ kind: "losses", ...compared, mixtures });
  const losses = readLosses(sums, candidates.length);
  const place = chooseCandidate(losses);
  const chosen = candidates[place]!;
  const { mixture, pooled } = chosen;
  const errors = await askSum({ kind: "errors", ...compared, mixture });
  const { scale } = preprocessing.target;
  const { reports, calibration, mae } = readErrors(errors, mixture.experts.length, scale);
  progress("all rows", (parts - 1) / parts);
  const last = await chosen.finish();
  return {
    model: { preprocessing, members: [{ weight: 1, mixture: last }], intervals: calibration },
    experts: reports,
    verdict: judgeSites(losses, place, singles.length),
    expectation: expectedErrors(losses, place, { scale, mae }, candidates),
    notes: pooled.map((k) => {
      return `regime m0.e${k} has rows at too few sites: the expert of all rows answers there`;
    }),
  };
}
