/**
 * The preset `accurate` on the same rows, with a member of regimes and without it: one fit of all
 * kinds, weighed twice on the same held-out answers.
 */
import { applyPreprocessing } from "../../data/index.ts";
import {
  type AccurateOptions,
  type Executor,
  fitCommitteeModel,
  membersOf,
  PRESETS,
  predictMatrix,
  weighKinds,
} from "../../mixture/index.ts";
import type { Progress } from "../../shared/progress.ts";
import { routedErrors } from "./fit.ts";
import type { RegimeCase } from "./sets.ts";

export interface AccurateOutcome {
  /** Test error of the committee without the member ÷ the noise's variance. */
  readonly error: number;
  /** The same with the member. */
  readonly withRegimes: number;
  /** The member's weight. */
  readonly weight: number;
  /** Of the fit, of all threads. */
  readonly cpuSeconds: number;
}

export async function fitAccurate(
  own: RegimeCase,
  { fit, committee }: AccurateOptions,
  executor: Executor,
  progress: Progress,
): Promise<AccurateOutcome> {
  const before = process.cpuUsage();
  const options = {
    fit: { ...fit, seed: own.seed },
    committee: { ...committee, regimes: PRESETS.regimes, keepAll: true },
  };
  const { model, fitted } = await fitCommitteeModel(own.train, options, executor, progress);
  const { user, system } = process.cpuUsage(before);
  const { heldOut, weights, mixtures } = fitted;
  const others = [...heldOut.answers.keys()].filter((kind) => kind !== "regimes");
  const without = membersOf(weighKinds(heldOut, others), mixtures);
  const X = applyPreprocessing(model.preprocessing, own.test.features);
  const errorOf = (members: typeof without): number => {
    const { values } = predictMatrix(executor.engine, { ...model, members }, X);
    return routedErrors(own, values, new Uint8Array(values.length)).all;
  };
  return {
    error: errorOf(without),
    withRegimes: errorOf(model.members),
    weight: weights.find(({ kind }) => kind === "regimes")?.weight ?? 0,
    cpuSeconds: (user + system) / 1e6,
  };
}
