/** The gate's part of an update: a new regime told from those whose rows it takes. */
import type { Samples } from "../../experts/index.ts";
import {
  extendTree,
  firstGate,
  type Gate,
  gateScores,
  refineEnsemble,
  refineSoftmax,
  refineSvm,
  topExpert,
} from "../../gate/index.ts";
import { takeSamples } from "../../mixture/index.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { WatchedMember } from "../watch/index.ts";
import type { Draft } from "./draft.ts";
import { joinSamples } from "./samples.ts";
import type { Training } from "./training.ts";

/** Rows of some experts, and those among them that a new one takes over. */
export interface Division {
  /** Ascending. */
  readonly experts: readonly number[];
  /** New rows that they keep. */
  readonly rows: Int32Array;
  /** New rows that they lose. */
  readonly added: Int32Array;
  /** Whether they keep all their old rows too. */
  readonly withOld: boolean;
}

/** Nats that a row costs with any other expert than the one that it is to have. */
const WRONG_EXPERT_COST = 7;
/** Rows that stay, from which the new regime is told apart. */
const MAX_STAYING = 2000;

/**
 * The gate with one expert more; null if no row is known that the experts keep. A softmax gate is
 * held to its old scores on every new row that is not the new expert's.
 */
export async function gateWithRegime(
  watched: WatchedMember,
  { gate, experts: { length: k } }: Draft,
  division: Division,
  training: Training,
): Promise<Gate | null> {
  const { samples } = watched.rows;
  const { seed, executor } = training;
  const isSoftmax = gate?.kind === "softmax" || gate?.kind === "ensemble";
  const rows = isSoftmax ? othersThan(division.added, samples.y.length) : division.rows;
  const staying = await stayingRows(watched, { ...division, rows }, training);
  const nStaying = staying.y.length;
  if (nStaying < 2) return null;
  const { X } = joinSamples(staying, takeSamples(samples, division.added));
  if (gate === null) {
    const labels = Int32Array.from({ length: X.nRows }, (_, i) => (i < nStaying ? 0 : 1));
    return firstGate({ X, labels }, { seed });
  }
  const scores = gateScores(executor.engine, gate, X);
  const experts = [...division.experts, k];
  if (gate.kind === "softmax") {
    const targets = softTargets(scores, { nRows: X.nRows, nStaying, k });
    return refineSoftmax(executor.engine, gate, { X, targets, nExperts: k + 1 }, experts);
  }
  if (gate.kind === "ensemble") {
    return refineEnsemble(executor.engine, gate, { X, nStaying }, experts);
  }
  if (gate.kind === "tree") {
    const costs = newcomerCosts(scores, { nRows: X.nRows, nStaying, k });
    return extendTree(gate, { X, costs, nExperts: k + 1 }, division.experts);
  }
  const labels = Int32Array.from({ length: X.nRows }, (_, i) => {
    if (i >= nStaying) return division.experts.length;
    const divided = division.experts.map((expert) => scores[i * k + expert]!);
    return divided.indexOf(Math.max(...divided));
  });
  return refineSvm(gate, { X, labels }, { experts, seed });
}

function othersThan(rows: Int32Array, nRows: number): Int32Array {
  const taken = new Set(rows);
  return Int32Array.from({ length: nRows }, (_, i) => i).filter((i) => !taken.has(i));
}

/** Scores to learn: those of now for rows that stay, the new expert's alone for the others. */
function softTargets(
  scores: Float64Array,
  { nRows, nStaying, k }: { nRows: number; nStaying: number; k: number },
): Float64Array {
  const targets = new Float64Array(nRows * (k + 1));
  for (let i = 0; i < nRows; i++) {
    if (i >= nStaying) targets[i * (k + 1) + k] = 1;
    else targets.set(scores.subarray(i * k, (i + 1) * k), i * (k + 1));
  }
  return targets;
}

/** In nats: nothing with the expert that a row is to have, and WRONG_EXPERT_COST with any other. */
function newcomerCosts(
  scores: Float64Array,
  { nRows, nStaying, k }: { nRows: number; nStaying: number; k: number },
): Float64Array {
  const costs = new Float64Array(nRows * (k + 1)).fill(WRONG_EXPERT_COST);
  for (let i = 0; i < nRows; i++) {
    costs[i * (k + 1) + (i >= nStaying ? k : topExpert(scores, k, i))] = 0;
  }
  return costs;
}

/** At most MAX_STAYING, drawn at random. */
async function stayingRows(
  { rows: { samples } }: WatchedMember,
  { experts, rows, withOld }: Division,
  { old, seed }: Training,
): Promise<Samples> {
  let staying = takeSamples(samples, rows);
  for (const k of withOld ? experts : []) {
    const stored = await old(k);
    if (stored !== null) staying = joinSamples(staying, stored);
  }
  const places = Int32Array.from(staying.y.keys());
  shuffle(places, createRng(childSeed(seed, "staying rows")));
  return takeSamples(staying, places.slice(0, MAX_STAYING).sort());
}
