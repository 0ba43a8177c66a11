/**
 * The preset `regimes`, top to bottom: search for regimes, fit an expert to each, choose the
 * boundary with the lowest cost, and compare with one net on folds.
 *
 * The search decides the number of regimes. One net replaces them only if it predicts held-out rows
 * better by more than a standard error: readable regimes must not cost accuracy.
 */
import type { Net, Samples } from "../../experts/index.ts";
import { both } from "../../shared/lanes.ts";
import { type Progress, sideBySide, within } from "../../shared/progress.ts";
import { type Choice, chooseCandidate, compareCandidates } from "../choose.ts";
import type { Executor, Run } from "../executor.ts";
import type { FittedMixture } from "../fitted.ts";
import { oneExpert } from "../grow.ts";
import { type FoundRegimes, searchRegimes } from "../likelihood/index.ts";
import type { FitOptions } from "../options.ts";
import type { Tuned } from "../tune.ts";
import { crossFit, everyRegimeHasRows, type RegimeFold } from "./cross-fit.ts";
import {
  chooseExperts,
  type Divided,
  type DividedMixture,
  fitDivided,
  type RegimeChoices,
} from "./divide.ts";
import type { ExpertsStart } from "./experts.ts";
import { meter } from "./metered.ts";

/** The fit of one net. */
export interface SingleNet {
  readonly tuned: Tuned;
  readonly base: Net;
  /** Multiply-adds spent on the base net. */
  readonly baseCost: number;
}

export interface RegimesTask {
  /** Fits the net; the search goes on meanwhile. */
  readonly single: (run: Run) => Promise<SingleNet>;
  readonly options: FitOptions;
}

/** @throws EXPERT_DIVERGED if a final net ends with parameters that are not finite. */
export async function fitRegimes(
  samples: Samples,
  { single: fitSingle, options }: RegimesTask,
  given: Executor,
  progress: Progress,
): Promise<FittedMixture> {
  const metered = meter(given);
  const { executor } = metered;
  const [ofNet, ofSearch] = sideBySide(within(progress, 0, 0.55), 2) as [Progress, Progress];
  const [single, search] = await both(
    () => fitSingle({ executor: given, progress: ofNet }),
    () => find(samples, options, executor, ofSearch),
  );
  const { settings } = single.tuned;
  const divided = dividedBy(search);
  const task = { divided, start: { base: single.base, settings } };
  const fitted = await fitFound(samples, task, options, executor);
  progress("experts", 0.6);
  const cost = metered.cost();
  const { laws } = search;
  const regimes = fitted && { divided: divided!, laws, choices: fitted.choices };
  const judging = within(progress, 0.6, 1);
  const folds = await crossFit(samples, { settings, regimes }, options, {
    executor,
    progress: judging,
  });
  const choice = choose({ found: search, fitted, folds, cost }, options);
  const isDivided = fitted !== null && choice.nExperts > 1;
  return {
    mixture: isDivided ? fitted.mixture : oneExpert(single.base),
    ...single,
    choice,
    partition: isDivided ? search.partition : null,
    search: search.search,
    regimes: { folds, boundary: isDivided ? fitted.boundary : null },
    cost: single.baseCost + cost,
  };
}

/** Searches for regimes; if the user gave a number of experts, only that is tried. */
export function find(
  samples: Samples,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<FoundRegimes> {
  const { experts } = options;
  const candidates = experts === null ? [...new Set([1, ...options.candidates])] : [experts];
  return searchRegimes(samples, { ...options, candidates }, executor, progress);
}

/** null for one regime, or if a regime has no row to train on. */
export function dividedBy({ partition, inliers }: FoundRegimes): Divided | null {
  const { labels, nExperts } = partition;
  const divided = { labels, nExperts, inliers };
  return nExperts > 1 && everyRegimeHasRows(divided) ? divided : null;
}

/** The mixture of regimes, and its choices; null for one regime. */
export async function fitFound(
  samples: Samples,
  { divided, start }: { readonly divided: Divided | null; readonly start: ExpertsStart },
  options: FitOptions,
  executor: Executor,
): Promise<(DividedMixture & { readonly choices: RegimeChoices }) | null> {
  if (divided === null) return null;
  const { settings } = start;
  const experts = await chooseExperts(samples, { divided, settings }, options, executor);
  const first = { experts, boundary: options.gate };
  const fitted = await fitDivided(samples, { divided, start, choices: first }, options, executor);
  return { ...fitted, choices: { experts, boundary: fitted.boundary?.plan ?? options.gate } };
}

interface Tried {
  readonly found: FoundRegimes;
  readonly fitted: DividedMixture | null;
  readonly folds: readonly RegimeFold[];
  readonly cost: number;
}

function choose({ found, fitted, folds, cost }: Tried, options: FitOptions): Choice {
  const rows = Int32Array.from(folds.flatMap(({ test }) => [...test]));
  const joined = (name: "single" | "mixture"): Float64Array =>
    Float64Array.from(folds.flatMap((fold) => [...fold[name]]));
  const isTried = fitted !== null;
  const sizes = isTried ? [1, found.partition.nExperts] : [1];
  const errors = isTried ? [joined("single"), joined("mixture")] : [joined("single")];
  const candidates = compareCandidates(sizes, errors, rows);
  const chosen = chooseCandidate({ sizes, errors, rows }, options);
  const heldOut = { rows, errors: errors[chosen]! };
  return { nExperts: sizes[chosen]!, candidates, heldOut, errors, splits: folds, cost };
}
