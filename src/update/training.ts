/** How an expert is trained in an update, and what that costs: for decide/ and train/ alike. */
import {
  type Expert,
  expertInputs,
  familyFitCost,
  familyOf,
  resumeTraining,
} from "../experts/index.ts";
import { batchSizeFor } from "../mixture/index.ts";

/** Weights of old rows that are tried: none of them is left, a little, all. */
export const FORGETTING: readonly number[] = [0, 0.2, 1];
/** Steps after the choice of a weight, on all rows, as a share of those before it. */
export const FINAL_SHARE = 0.5;
/** Steps for few rows and for many; between them, PASSES over the rows. */
const MIN_STEPS = 2000;
export const MAX_STEPS = 6000;
const PASSES = 100;

export function stepsFor(nRows: number): number {
  const steps = Math.round((PASSES * nRows) / batchSizeFor(nRows));
  return Math.min(MAX_STEPS, Math.max(MIN_STEPS, steps));
}

/** Multiply-adds of training an expert on new rows and old ones, before it is done. */
export function predictedCost(expert: Expert, nFresh: number, nOld: number): number {
  const nTried = nOld === 0 ? 1 : FORGETTING.length;
  const nRows = nFresh + nOld;
  const family = familyOf(expert);
  if (expert.kind !== "mlp" || family !== null) {
    const size = { nRows, nInputs: expertInputs(expert) };
    const nTuned = nOld === 0 ? 1 : 2;
    const tuned = nTuned * familyFitCost(family!, size);
    return tuned + (nTried + 1 - nTuned) * familyFitCost(family!, { ...size, isTuned: true });
  }
  const nParameters = resumeTraining(expert.net).net.parameters.length;
  return 3 * (nTried + FINAL_SHARE) * stepsFor(nRows) * batchSizeFor(nRows) * nParameters;
}
