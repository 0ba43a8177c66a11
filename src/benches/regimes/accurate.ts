/** The rival that is ours: the preset `accurate` without a member of regimes, on the same rows. */
import { applyPreprocessing } from "../../data/index.ts";
import {
  type AccurateOptions,
  type Executor,
  fitCommitteeModel,
  predictMatrix,
} from "../../mixture/index.ts";
import type { Progress } from "../../shared/progress.ts";
import { routedErrors } from "./fit.ts";
import type { RegimeCase } from "./sets.ts";

export interface AccurateOutcome {
  /** Test error ÷ the noise's variance. */
  readonly error: number;
  /** Of all threads. */
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
    committee: { ...committee, regimes: false },
  };
  const { model } = await fitCommitteeModel(own.train, options, executor, progress);
  const { user, system } = process.cpuUsage(before);
  const X = applyPreprocessing(model.preprocessing, own.test.features);
  const { values } = predictMatrix(executor.engine, model, X);
  const { all } = routedErrors(own, values, new Uint8Array(values.length));
  return { error: all, cpuSeconds: (user + system) / 1e6 };
}
