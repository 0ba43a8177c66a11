/**
 * Selects the features of a smooth boundary: those whose shuffling raises the cost of held-out
 * rows. A net with 48 features of noise beside 2 relevant ones bends its boundary to the noise.
 * Source: permutation importance (Breiman 2001), repeated until no feature is dropped.
 */
import { takeColumns, takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, type Rng, shuffle } from "../../shared/rng.ts";
import type { BoundaryProblem, GateTrainer } from "../boundary/problem.ts";
import type { EnsembleGate } from "../gate.ts";
import { fitEnsembleNets } from "./fit.ts";
import { ensembleScores } from "./scores.ts";

const MAX_ROUNDS = 4;
const HELD_SHARE = 0.25;
const SHUFFLES = 2;
/** A feature stays if held-out rows cost more without it by this many standard errors. */
const LEAST_Z = 2;
const EFFORT = { nNets: 2, steps: 4000, rounds: 0, stepsPerRound: 0 };

/** Ascending; all features if none can be dropped or none would remain. */
export async function selectFeatures(
  problem: BoundaryProblem,
  rows: Int32Array,
  trainer: GateTrainer,
): Promise<readonly number[]> {
  let kept: readonly number[] = [...Array(problem.X.nColumns).keys()];
  for (let round = 0; round < MAX_ROUNDS && kept.length > 1; round++) {
    const scores = await importances(problem, rows, { kept, round }, trainer);
    const next = kept.filter((_, place) => scores[place]! > LEAST_Z);
    if (next.length === 0 || next.length === kept.length) break;
    kept = next;
  }
  return kept;
}

/** Added cost of held-out rows with each kept feature shuffled, over its standard error. */
async function importances(
  problem: BoundaryProblem,
  rows: Int32Array,
  { kept, round }: { readonly kept: readonly number[]; readonly round: number },
  trainer: GateTrainer,
): Promise<readonly number[]> {
  const { labels, costs, nExperts } = problem;
  const seed = childSeed(problem.seed, `features ${round}`);
  const rng = createRng(seed);
  const order = rows.slice();
  shuffle(order, rng);
  const nHeld = Math.max(1, Math.round(HELD_SHARE * rows.length));
  const held = order.subarray(0, nHeld);
  const X = takeColumns(problem.X, kept);
  const part = { X, costs, labels, nExperts, rows: order.subarray(nHeld) };
  const nets = await fitEnsembleNets(part, EFFORT, seed, trainer);
  const gate: EnsembleGate = {
    kind: "ensemble",
    features: [...kept.keys()],
    nFeatures: kept.length,
    nets,
    temperature: 1,
  };
  const heldX = takeRows(X, held);
  const costOf = (values: Float32Array): Float64Array => {
    const scores = ensembleScores(trainer.engine, gate, { ...heldX, values });
    return Float64Array.from(held, (i, place) => rowCost(problem, i, scores, place));
  };
  const before = costOf(heldX.values);
  return kept.map((_, j) => {
    const added = new Float64Array(held.length);
    for (let repeat = 0; repeat < SHUFFLES; repeat++) {
      const after = costOf(withShuffled(heldX.values, kept.length, j, rng));
      after.forEach((cost, place) => {
        added[place]! += cost - before[place]!;
      });
    }
    return zScore(added);
  });
}

/** −log Σ_k g_k exp(−C_k). */
function rowCost(
  { costs, nExperts }: BoundaryProblem,
  i: number,
  scores: Float64Array,
  place: number,
): number {
  let likelihood = 0;
  for (let k = 0; k < nExperts; k++) {
    likelihood += scores[place * nExperts + k]! * Math.exp(-costs[i * nExperts + k]!);
  }
  return -Math.log(likelihood);
}

function withShuffled(values: Float32Array, nColumns: number, j: number, rng: Rng): Float32Array {
  const nRows = values.length / nColumns;
  const column = Float32Array.from({ length: nRows }, (_, i) => values[i * nColumns + j]!);
  shuffle(column, rng);
  const changed = values.slice();
  for (let i = 0; i < nRows; i++) changed[i * nColumns + j] = column[i]!;
  return changed;
}

/** The mean over its standard error; 0 if all are equal. */
function zScore(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return squares === 0 ? 0 : mean / (Math.sqrt(squares) / values.length);
}
