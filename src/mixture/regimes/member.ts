/**
 * A mixture of regimes as a member of a committee. Regimes, kinds of expert and the kind of
 * boundary are chosen once on all rows, as families choose their scales; a fold climbs, fits
 * experts and the boundary again on its rows.
 */
import type { Net, Samples } from "../../experts/index.ts";
import { silent } from "../../shared/progress.ts";
import type { Executor } from "../executor.ts";
import { trainBase } from "../grow.ts";
import { type Laws, relabel } from "../likelihood/index.ts";
import type { Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import type { NetSettings } from "../train-net.ts";
import { everyRegimeHasRows } from "./cross-fit.ts";
import { type Divided, fitDivided, type RegimeChoices } from "./divide.ts";
import { dividedBy, find, fitFound } from "./fit.ts";

/** The choices that are made once; labels are those of all samples. */
export interface RegimePlan {
  readonly divided: Divided;
  readonly laws: Laws;
  readonly choices: RegimeChoices;
  readonly settings: NetSettings;
  readonly options: FitOptions;
}

/**
 * null where the search finds one regime.
 *
 * @param settings - Of nets of the options' shape.
 * @param options - As those of the preset `regimes`.
 */
export async function planRegimes(
  samples: Samples,
  settings: NetSettings,
  options: FitOptions,
  executor: Executor,
): Promise<RegimePlan | null> {
  const search = await find(samples, options, executor, silent);
  const divided = dividedBy(search);
  if (divided === null) return null;
  const { base } = await trainBase(samples, settings, options, executor);
  const fitted = await fitFound(samples, { divided, start: { base, settings } }, options, executor);
  const { laws } = search;
  return fitted && { divided, laws, choices: fitted.choices, settings, options };
}

/**
 * The mixture of some samples; null if a regime has no rows left.
 *
 * @param rows - The numbers of these samples among the plan's; null for all.
 * @param base - The net that experts start from, trained on these samples.
 * @throws EXPERT_DIVERGED.
 */
export async function growRegimes(
  samples: Samples,
  { plan, rows, base }: { plan: RegimePlan; rows: Int32Array | null; base: Net },
  seed: number,
  executor: Executor,
): Promise<Mixture | null> {
  const { laws, choices, settings } = plan;
  const { nExperts } = plan.divided;
  const options = { ...plan.options, seed };
  let { divided } = plan;
  if (rows !== null) {
    const labelled = { labels: rows.map((i) => divided.labels[i]!), nRegimes: nExperts, laws };
    const { labels, inliers } = await relabel(samples, labelled, seed, executor);
    divided = { labels, inliers, nExperts };
  }
  if (!everyRegimeHasRows(divided)) return null;
  const task = { divided, start: { base, settings }, choices };
  return (await fitDivided(samples, task, options, executor)).mixture;
}
