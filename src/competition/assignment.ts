/**
 * The winner of each sample, and the share that changed since the last round.
 *
 * Layout, here and in the whole folder: `costs`, `scores` and `responsibilities` are sample-major,
 * entry [i * nExperts + k] is expert k on sample i. Nothing here knows what an expert is.
 */
import { BailiwickError, checkInteger, checkLength } from "../shared/errors.ts";

export interface Assignment {
  /** Winning expert of each sample. Shape (nSamples,), values in [0, nExperts). */
  readonly winners: Int32Array;
  /** Samples won by each expert. Shape (nExperts,), sums to nSamples. */
  readonly counts: Uint32Array;
}

/**
 * Gives every sample to the expert with the lowest cost; ties go to the lowest index, so that
 * equal inputs always give equal assignments.
 *
 * @param costs - Shape (nSamples, nExperts). Infinite marks an expert that cannot win.
 * @throws EXPERT_DIVERGED if a cost is NaN, or a sample has no finite cost.
 */
export function assignWinners(costs: Float64Array, nExperts: number): Assignment {
  checkInteger("nExperts", nExperts, 1);
  const nSamples = costs.length / nExperts;
  checkInteger("costs.length / nExperts", nSamples, 1);
  const winners = new Int32Array(nSamples);
  const counts = new Uint32Array(nExperts);
  for (let i = 0; i < nSamples; i++) {
    const winner = lowestCost(costs, i, nExperts);
    winners[i] = winner;
    counts[winner]! += 1;
  }
  return { winners, counts };
}

function lowestCost(costs: Float64Array, i: number, nExperts: number): number {
  let winner = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < nExperts; k++) {
    const cost = costs[i * nExperts + k]!;
    if (Number.isNaN(cost)) {
      throw new BailiwickError(
        "EXPERT_DIVERGED",
        `costs must be numbers, expert ${k} on sample ${i} is NaN`,
        {
          expert: k,
          sample: i,
        },
      );
    }
    if (cost < lowest) {
      lowest = cost;
      winner = k;
    }
  }
  if (winner < 0) {
    throw new BailiwickError(
      "EXPERT_DIVERGED",
      `sample ${i} must have an expert of finite cost, got none`,
      {
        sample: i,
      },
    );
  }
  return winner;
}

/**
 * Fraction of samples whose winner changed between two rounds, in [0, 1]. Empty arrays give 0.
 */
export function churn(previous: Int32Array, current: Int32Array): number {
  checkLength("current.length", current.length, previous.length);
  let changed = 0;
  for (let i = 0; i < current.length; i++) {
    if (previous[i] !== current[i]) changed += 1;
  }
  return current.length === 0 ? 0 : changed / current.length;
}
