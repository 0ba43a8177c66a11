/**
 * Soft winners: responsibilities that start shared and harden as the rounds go by.
 *
 * r_ik = softmax_k(−cost_ik / T) with a temperature T that falls to 0, where the lowest cost takes
 * all (deterministic annealing, Rose 1998). Rows of responsibilities sum to 1.
 */
import { checkLength, checkNumber } from "../shared/errors.ts";
import type { Rng } from "../shared/rng.ts";
import { assignWinners } from "./assignment.ts";

/** The schedule reaches 0 after 1 / COOLING of the rounds. */
const COOLING = 1.2;

/** T of round r of R: max(0, 1 − 1.2 r / R). */
export function temperatureAt(round: number, rounds: number): number {
  return Math.max(0, 1 - (COOLING * round) / rounds);
}

/** Every sample to one expert at random. Shape (nSamples, nExperts). */
export function randomResponsibilities(nSamples: number, nExperts: number, rng: Rng): Float32Array {
  const responsibilities = new Float32Array(nSamples * nExperts);
  for (let i = 0; i < nSamples; i++) responsibilities[i * nExperts + rng.int(nExperts)] = 1;
  return responsibilities;
}

/**
 * @param costs - Shape (nSamples, nExperts); infinite costs get responsibility 0.
 * @param temperature - 0 gives all to the lowest cost.
 * @throws EXPERT_DIVERGED as `assignWinners` does.
 */
export function annealedResponsibilities(
  costs: Float64Array,
  nExperts: number,
  temperature: number,
): Float32Array {
  checkNumber("temperature", temperature, 0);
  const { winners } = assignWinners(costs, nExperts);
  const responsibilities = new Float32Array(costs.length);
  for (let i = 0; i < winners.length; i++) {
    const start = i * nExperts;
    if (temperature === 0) {
      responsibilities[start + winners[i]!] = 1;
      continue;
    }
    const lowest = costs[start + winners[i]!]!;
    let total = 0;
    for (let k = start; k < start + nExperts; k++) {
      responsibilities[k] = Math.exp((lowest - costs[k]!) / temperature);
      total += responsibilities[k]!;
    }
    for (let k = start; k < start + nExperts; k++) responsibilities[k]! /= total;
  }
  return responsibilities;
}

/** Share of all samples that each expert holds; shares sum to 1. Shape (nExperts,). */
export function expertShares(responsibilities: Float32Array, nExperts: number): Float64Array {
  const shares = new Float64Array(nExperts);
  for (let e = 0; e < responsibilities.length; e++) shares[e % nExperts]! += responsibilities[e]!;
  const nSamples = responsibilities.length / nExperts;
  return shares.map((share) => share / nSamples);
}

/**
 * The experts that live on: those with at least `minShare` of the samples and `minRows` rows. If
 * none has, the largest alone lives. Ascending.
 */
export function survivingExperts(
  shares: Float64Array,
  nSamples: number,
  { minShare, minRows }: { readonly minShare: number; readonly minRows: number },
): readonly number[] {
  const least = Math.max(minShare, minRows / nSamples);
  const all = [...shares.keys()];
  const survivors = all.filter((k) => shares[k]! >= least);
  if (survivors.length > 0) return survivors;
  return [all.reduce((best, k) => (shares[k]! > shares[best]! ? k : best), 0)];
}

/** Responsibilities of the survivors alone, renormalised; a row with nothing left is shared. */
export function keepExperts(
  responsibilities: Float32Array,
  nExperts: number,
  survivors: readonly number[],
): Float32Array {
  const nSamples = responsibilities.length / nExperts;
  checkLength("responsibilities.length", responsibilities.length, Math.floor(nSamples) * nExperts);
  const kept = new Float32Array(nSamples * survivors.length);
  for (let i = 0; i < nSamples; i++) {
    let total = 0;
    for (const k of survivors) total += responsibilities[i * nExperts + k]!;
    survivors.forEach((k, s) => {
      const share = responsibilities[i * nExperts + k]!;
      kept[i * survivors.length + s] = total > 0 ? share / total : 1 / survivors.length;
    });
  }
  return kept;
}
