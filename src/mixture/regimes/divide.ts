/**
 * From a partition to a mixture: experts on the rows of their regimes, then the boundary with the
 * lowest cost, by every expert's error on every row.
 */
import { predictExpert, type Samples } from "../../experts/index.ts";
import {
  type BoundaryPlan,
  type FittedBoundary,
  fitBoundary,
  type Gate,
  refitBoundary,
} from "../../gate/index.ts";
import type { GateChoice } from "../../shared/choices.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import type { Mixture } from "../model.ts";
import type { FitOptions } from "../options.ts";
import { allRows, clip, takeSamples } from "../samples.ts";
import type { NetSettings } from "../train-net.ts";
import {
  chooseExpertKinds,
  type ExpertChoice,
  type ExpertsStart,
  fitRegimeExperts,
  type RegimeExperts,
  type RegimeRows,
} from "./experts.ts";

/** Rows divided among at least two regimes. */
export interface Divided {
  /** The regime of each row. Shape (nSamples,). */
  readonly labels: Int32Array;
  readonly nExperts: number;
  /** 0 for rows that no law explains: they teach no expert and no gate. Shape (nSamples,). */
  readonly inliers: Uint8Array;
}

export interface DividedMixture {
  readonly mixture: Mixture;
  /** The choice of the boundary; null if it follows an earlier plan. */
  readonly boundary: FittedBoundary | null;
}

/** Boundaries are fitted to this many rows at most. */
const MAX_BOUNDARY_ROWS = 20_000;

/** The choices of a fit on all rows, for fits to parts of them. */
export interface RegimeChoices {
  readonly experts: ExpertChoice;
  readonly boundary: BoundaryChoice;
}

/** Chooses each regime's kind of expert. */
export function chooseExperts(
  samples: Samples,
  { divided, settings }: { readonly divided: Divided; readonly settings: NetSettings },
  options: FitOptions,
  executor: Executor,
): Promise<ExpertChoice> {
  return chooseExpertKinds(partsOf(samples, divided), settings, options, executor);
}

/** @throws EXPERT_DIVERGED. */
export async function fitDivided(
  samples: Samples,
  { divided, start, choices }: { divided: Divided; start: ExpertsStart; choices: RegimeChoices },
  options: FitOptions,
  executor: Executor,
): Promise<DividedMixture> {
  const { kinds, variance } = choices.experts;
  const parts = partsOf(samples, divided);
  const fitted = await fitRegimeExperts(parts, { start, kinds }, options, executor);
  const rows = allRows(samples.y.length).filter((i) => divided.inliers[i] === 1);
  const seen = takeSamples(samples, spread(rows, MAX_BOUNDARY_ROWS));
  const errors = errorsOf(seen, fitted, executor);
  const seed = childSeed(options.seed, "boundary");
  const request = { X: seen.X, errors, variance, seed };
  const { experts, ranges } = fitted;
  const mixtureWith = (gate: Gate): Mixture => {
    return { experts, gate, recombination: options.recombination, ranges };
  };
  if (typeof choices.boundary !== "string") {
    const gate = await refitBoundary(request, choices.boundary, executor);
    return { mixture: mixtureWith(gate), boundary: null };
  }
  const boundary = await fitBoundary({ ...request, kinds: choices.boundary }, executor);
  return { mixture: mixtureWith(boundary.gate), boundary };
}

/** Each regime's rows without outliers. */
function partsOf(samples: Samples, { labels, nExperts, inliers }: Divided): readonly RegimeRows[] {
  return Array.from({ length: nExperts }, (_, k) => {
    const rows = allRows(labels.length).filter((i) => labels[i] === k && inliers[i] === 1);
    return { samples: takeSamples(samples, rows), k };
  });
}

/** The kinds to choose among, or the chosen kinds. */
export type BoundaryChoice = GateChoice | BoundaryPlan;

/** At most this many of the rows, evenly. */
function spread(rows: Int32Array, most: number): Int32Array {
  if (rows.length <= most) return rows;
  return Int32Array.from({ length: most }, (_, p) => rows[Math.floor((p * rows.length) / most)]!);
}

/** Every expert's bounded answer less the target. Shape (nSamples, nExperts). */
function errorsOf(
  { X, y }: Samples,
  { experts, ranges }: RegimeExperts,
  { engine }: Executor,
): Float64Array {
  const errors = new Float64Array(y.length * experts.length);
  experts.forEach((expert, k) => {
    const values = predictExpert(engine, expert, X);
    for (let i = 0; i < y.length; i++) {
      errors[i * experts.length + k] = clip(values[i]!, ranges[k]!) - y[i]!;
    }
  });
  return errors;
}
