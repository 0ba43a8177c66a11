/**
 * A climb in progress: the nets, the gate and the noise so far, and one round of EM on them.
 *
 * Maximisation is a few steps of ordinary training tasks weighted by responsibility (generalised
 * EM, Dempster, Laird & Rubin 1977), so that any engine can do it, and many climbs go on side by
 * side.
 */
import { churn } from "../../competition/index.ts";
import { initNet, type Samples, type TrainTask, trainCost } from "../../experts/index.ts";
import { freshGateNet, gateTask } from "../../gate/index.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import { columnOf, type RoundRecord } from "../compete.ts";
import type { Executor } from "../executor.ts";
import {
  type Answers,
  answer,
  inlierShares,
  type LikelihoodMixture,
  mostResponsible,
  noiseOf,
  responsibilities,
} from "./expectation.ts";
import { finiteOr, freshLaw, gentle, LAW_WEIGHT_DECAY, type Laws, type Learner } from "./laws.ts";

const GATE_HIDDEN = 16;
const GATE_OUTPUT_SCALE = 0.1;
const GATE_WEIGHT_DECAY = 0.01;
/** A new flexible gate on the parts that the climb has so far. */
const HAND_OVER_STEPS = 1000;
const HAND_OVER_RATE = 1e-2;
/** A round passes over the rows this often, in no more steps than … and no fewer. */
const PASSES_A_ROUND = 8;
const MAX_STEPS_A_ROUND = 100;
const MIN_STEPS_A_ROUND = 30;
const FIRST_VARIANCE = 0.5;
/** The report keeps one of this many rounds. */
const RECORD_EVERY = 10;
/** The share of rows that may come from no law, once there are laws. */
export const OUTLIER_SHARE = 0.03;
/** The share of the largest errors that the noise leaves out meanwhile. */
const TRIMMED = 0.05;

/** Rounds that are alike. */
export interface Stage {
  readonly name: string;
  readonly rounds: number;
  readonly learningRate: number;
  readonly gateLearningRate: number;
  /** none: every row has a law; divided: the gate divides outliers; untaught: nor do they train. */
  readonly outliers: "none" | "divided" | "untaught";
}

/** Where a climb starts. */
export interface Start {
  readonly nExperts: number;
  readonly seed: number;
  readonly laws: Laws;
  /** The samples it trains on. */
  readonly rows: Int32Array;
}

/** Where a climb arrived. */
export interface Climbed extends Start {
  readonly mixture: LikelihoodMixture;
  /** On all samples, those it did not train on included. */
  readonly answers: Answers;
  /** Shape (nSamples, nExperts). */
  readonly shares: Float32Array;
  readonly rounds: readonly RoundRecord[];
  /** Multiply-adds spent. */
  readonly cost: number;
}

export interface Climber extends Start {
  experts: readonly Learner[];
  gate: Learner;
  variance: number;
  shares: Float32Array;
  rounds: RoundRecord[];
  /** Of the last round that was kept. */
  winners: Int32Array;
}

/** The data that all rounds of a climb share. */
export interface Field {
  readonly samples: Samples;
  readonly executor: Executor;
  readonly spent: { cost: number };
}

export function openField(samples: Samples, executor: Executor): Field {
  return { samples, executor, spent: { cost: 0 } };
}

/** New laws and a linear gate, without responsibilities. */
export function setOff({ X, y }: Samples, start: Start): Climber {
  const rng = createRng(childSeed(start.seed, "climb"));
  const linear = { sizes: [X.nColumns, start.nExperts], activation: "tanh" as const };
  const experts = Array.from({ length: start.nExperts }, () =>
    freshLaw(X.nColumns, start.laws, rng),
  );
  return {
    ...start,
    experts,
    gate: { net: initNet(linear, rng) },
    variance: FIRST_VARIANCE,
    shares: new Float32Array(y.length * start.nExperts),
    rounds: [],
    winners: new Int32Array(0),
  };
}

/** A stage from its first round to its last. Modifies `climber`. */
export async function takeRounds(field: Field, climber: Climber, stage: Stage): Promise<void> {
  for (let round = 0; round < stage.rounds; round++) {
    const answers = expect(field, climber, stage, stage.outliers === "none" && round === 0);
    if (round % RECORD_EVERY === 0) record(climber);
    const tasks = tasksOf(field, { climber, answers }, stage, round);
    const trained = await run(field, tasks);
    climber.experts = climber.experts.map((old, k) => finiteOr(old, trained[k]!));
    climber.gate = finiteOr(climber.gate, trained[climber.nExperts]!);
  }
}

/** Updates responsibilities and noise. Modifies `climber`. */
export function expect(
  { samples, executor }: Field,
  climber: Climber,
  { outliers }: Pick<Stage, "outliers">,
  keepVariance = false,
): Answers {
  const answers = answer(executor.engine, mixtureOf(climber), samples);
  const [share, trimmed] = outliers === "none" ? [0, 0] : [OUTLIER_SHARE, TRIMMED];
  climber.shares = responsibilities(answers, climber.variance, share);
  if (!keepVariance) {
    climber.variance = noiseOf(answers, climber.shares, climber.rows, trimmed);
    climber.shares = responsibilities(answers, climber.variance, share);
  }
  return answers;
}

/** The end of a climb whose last rounds left out outliers. */
export function arrive(field: Field, climber: Climber): Climbed {
  const answers = expect(field, climber, { outliers: "divided" });
  record(climber);
  const { nExperts, seed, laws, rows, shares, rounds } = climber;
  const mixture = { ...mixtureOf(climber), outliers: OUTLIER_SHARE };
  return { nExperts, seed, laws, rows, mixture, answers, shares, rounds, cost: field.spent.cost };
}

function mixtureOf({ experts, gate, variance }: Climber): LikelihoodMixture {
  return { experts: experts.map(({ net }) => net), gate: gate.net, variance };
}

function tasksOf(
  { samples }: Field,
  { climber, answers }: { readonly climber: Climber; readonly answers: Answers },
  stage: Stage,
  round: number,
): readonly TrainTask[] {
  const { experts, gate, nExperts, shares, rows, seed, variance } = climber;
  const fall = 0.5 * (1 + Math.cos((Math.PI * round) / stage.rounds)) + 0.002;
  const rate = stage.outliers === "none" && round === 0 ? 0.5 * fall : fall;
  const options = (learningRate: number, weightDecay: number) => ({
    ...gentle(rows),
    steps: stepsOfRound(rows),
    learningRate: learningRate * rate,
    weightDecay,
    schedule: "constant" as const,
    seed: childSeed(seed, `${stage.name} ${round}`),
  });
  const taught =
    stage.outliers === "untaught" ? inlierShares(answers, shares, variance, OUTLIER_SHARE) : shares;
  const laws = experts.map(
    (learner, k): TrainTask => ({
      ...learner,
      loss: "squared-error",
      targets: samples.y,
      rows,
      weights: columnOf(taught, nExperts, k),
      options: options(stage.learningRate, LAW_WEIGHT_DECAY),
    }),
  );
  const gateOptions = options(stage.gateLearningRate, GATE_WEIGHT_DECAY);
  return [...laws, { ...gateTask(shares, gate, gateOptions), rows }];
}

function stepsOfRound(rows: Int32Array): number {
  const steps = Math.round((PASSES_A_ROUND * rows.length) / gentle(rows).batchSize);
  return Math.min(MAX_STEPS_A_ROUND, Math.max(MIN_STEPS_A_ROUND, steps));
}

/** A flexible gate learns the parts so far. Modifies `climber`. */
export async function handOver(field: Field, climber: Climber): Promise<void> {
  const { nExperts, rows, seed, shares } = climber;
  const sizes = { nFeatures: field.samples.X.nColumns, hidden: GATE_HIDDEN, nExperts };
  const rng = createRng(childSeed(seed, "fine gate"));
  const net = freshGateNet(sizes, rng, GATE_OUTPUT_SCALE);
  const options = {
    ...gentle(rows),
    steps: HAND_OVER_STEPS,
    learningRate: HAND_OVER_RATE,
    weightDecay: GATE_WEIGHT_DECAY,
    schedule: "cosine" as const,
    seed: childSeed(seed, "hand over"),
  };
  const [gate] = await run(field, [{ ...gateTask(shares, { net }, options), rows }]);
  climber.gate = finiteOr(climber.gate, { net: gate!.net });
}

function record(climber: Climber): void {
  const { nExperts, shares, variance, rounds } = climber;
  const totals = new Float64Array(nExperts);
  const nSamples = shares.length / nExperts;
  for (let e = 0; e < shares.length; e++) totals[e % nExperts]! += shares[e]! / nSamples;
  const winners = mostResponsible(shares, nExperts);
  const moved = rounds.length === 0 ? 0 : churn(climber.winners, winners);
  rounds.push({ temperature: 1, shares: [...totals], noise: variance, churn: moved });
  climber.winners = winners;
}

/** Trains, and adds up the cost. */
export async function run(
  { samples, executor, spent }: Field,
  tasks: readonly TrainTask[],
): Promise<readonly Learner[]> {
  for (const task of tasks) spent.cost += trainCost(task);
  return executor.train(samples.X, tasks);
}
