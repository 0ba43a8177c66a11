/**
 * Fitting an ensemble of softmax nets to costs: first to the cheapest expert of each row, then
 * some rounds of generalised EM on Σ_i log Σ_k g_k(x_i) exp(−C_ik), in which a net's scores
 * decide for rows that cost nearly the same with two experts.
 *
 * The first targets are labels; the weight of a row is the extra cost of the second best expert.
 */
import type { Net, TrainTask } from "../../experts/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import type { GateTrainer } from "../boundary/problem.ts";
import { freshGateNet, gateTask, softmaxScores } from "../softmax.ts";

export interface EnsembleProblem {
  /** The columns that the nets use. Shape (nRows, nInputs). */
  readonly X: Matrix;
  /** Shape (nRows, nExperts). */
  readonly costs: Float64Array;
  readonly labels: Int32Array;
  readonly nExperts: number;
  /** Rows trained on. */
  readonly rows: Int32Array;
}

export interface EnsembleEffort {
  readonly nNets: number;
  /** Steps on labels. */
  readonly steps: number;
  /** Rounds of EM after them. */
  readonly rounds: number;
  readonly stepsPerRound: number;
}

const HIDDEN = 16;
const OUTPUT_SCALE = 0.3;
const LEARNING_RATE = 0.02;
const WEIGHT_DECAY = 0.003;
const BATCH_SIZE = 64;
const WARMUP_STEPS = 50;
const CLIP_NORM = 5;
/** Extra cost of the second best expert from which a row has full weight, in nats. */
const CERTAIN_COST = 5;
/** Least score of every expert in an EM round, so that no expert is lost. */
const LEAST_SCORE = 1e-5;

/** The nets, in an order that depends only on the seed. */
export async function fitEnsembleNets(
  problem: EnsembleProblem,
  { nNets, steps, rounds, stepsPerRound }: EnsembleEffort,
  seed: number,
  trainer: GateTrainer,
): Promise<readonly Net[]> {
  const { X, costs, labels, nExperts, rows } = problem;
  const sizes = { nFeatures: X.nColumns, hidden: HIDDEN, nExperts };
  let nets: readonly Net[] = Array.from({ length: nNets }, (_, e) =>
    freshGateNet(sizes, createRng(childSeed(seed, `net ${e}`)), OUTPUT_SCALE),
  );
  const weights = labelWeights(costs, nExperts);
  const train = async (
    targets: readonly Float32Array[],
    schedule: { readonly steps: number; readonly learningRate: number },
    round: number,
  ): Promise<void> => {
    const tasks = nets.map((net, e): TrainTask => {
      const rowsSeed = childSeed(seed, `rows of net ${e}, round ${round}`);
      const options = {
        ...schedule,
        batchSize: Math.min(BATCH_SIZE, rows.length),
        weightDecay: WEIGHT_DECAY,
        schedule: "cosine" as const,
        warmupSteps: WARMUP_STEPS,
        clipNorm: CLIP_NORM,
        seed: rowsSeed,
      };
      return {
        ...gateTask(targets[e]!, { net }, options),
        rows,
        weights: round === 0 ? weights : null,
      };
    });
    nets = (await trainer.train(X, tasks)).map(({ net }) => net);
  };
  const first = labelTargets(labels, nExperts);
  await train(
    nets.map(() => first),
    { steps, learningRate: LEARNING_RATE },
    0,
  );
  for (let round = 1; round <= rounds; round++) {
    const targets = nets.map((net) =>
      responsibilities(softmaxScores(trainer.engine, { kind: "softmax", net }, X), costs, nExperts),
    );
    await train(targets, { steps: stepsPerRound, learningRate: LEARNING_RATE / 2 }, round);
  }
  return nets;
}

/** The weight of a row's label: the extra cost of the second best expert, capped. */
function labelWeights(costs: Float64Array, nExperts: number): Float32Array {
  return Float32Array.from({ length: costs.length / nExperts }, (_, i) => {
    let [least, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let k = 0; k < nExperts; k++) {
      const cost = costs[i * nExperts + k]!;
      second = Math.min(second, Math.max(least, cost));
      least = Math.min(least, cost);
    }
    return Math.min(1, (second - least) / CERTAIN_COST);
  });
}

function labelTargets(labels: Int32Array, nExperts: number): Float32Array {
  const targets = new Float32Array(labels.length * nExperts);
  labels.forEach((label, i) => {
    targets[i * nExperts + label] = 1;
  });
  return targets;
}

/** r_ik ∝ g_ik exp(−C_ik); rows sum to 1. Shape (nRows, nExperts). */
export function responsibilities(
  scores: Float64Array,
  costs: Float64Array,
  nExperts: number,
): Float32Array {
  const shares = new Float32Array(scores.length);
  for (let start = 0; start < scores.length; start += nExperts) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < nExperts; k++) least = Math.min(least, costs[start + k]!);
    let total = 0;
    for (let k = 0; k < nExperts; k++) {
      const share = (scores[start + k]! + LEAST_SCORE) * Math.exp(least - costs[start + k]!);
      shares[start + k] = share;
      total += share;
    }
    for (let k = 0; k < nExperts; k++) shares[start + k]! /= total;
  }
  return shares;
}
