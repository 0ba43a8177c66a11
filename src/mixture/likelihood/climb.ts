/**
 * One climb of the likelihood: K fresh nets and a gate, trained together by EM until each net has
 * a law of its own and the gate tells from x where it holds.
 *
 * Two stages, coarse to fine. At first the gate is linear in x, so that every net's part is
 * convex and in one piece: from random starts that finds far better parts than a flexible gate
 * does. Then a flexible gate takes over from the parts that were found, and bends the boundaries.
 * Some climbs have linear experts, for regimes that differ by their slopes: a net could be all of
 * them at once.
 * Nets are small and decayed: a regime is where one simple law holds, and a net that could bend
 * around a jump would leave nothing to partition. Figures: docs/method.md. Maximisation is a few
 * steps of ordinary training tasks weighted by responsibility (generalised EM, Dempster, Laird &
 * Rubin 1977), so that any engine can do it, and many climbs go on side by side.
 */
import { churn } from "../../competition/index.ts";
import {
  initNet,
  isFiniteNet,
  type Moments,
  type Net,
  type Samples,
  type TrainTask,
  trainCost,
} from "../../experts/index.ts";
import { freshGateNet, gateTask } from "../../gate/index.ts";
import { childSeed, createRng, type Rng } from "../../shared/rng.ts";
import { columnOf, type RoundRecord } from "../compete.ts";
import type { Executor } from "../executor.ts";
import { batchSizeFor } from "../options.ts";
import { CLIP_NORM } from "../train-net.ts";
import {
  type Answers,
  answer,
  type LikelihoodMixture,
  mostResponsible,
  noiseOf,
  responsibilities,
} from "./expectation.ts";

/** What the search's experts are, whatever the final ones will be: their hidden layers. */
export const LAWS = { lines: [], nets: [16, 16] } as const;
export type Laws = keyof typeof LAWS;
export const LAW_WEIGHT_DECAY = 0.1;
export const LAW_LEARNING_RATE = 1e-2;
const INIT_SCALE = 0.5;
const GATE_HIDDEN = 16;
const GATE_OUTPUT_SCALE = 0.1;
const GATE_WEIGHT_DECAY = 0.01;
/** A fresh flexible gate on what the linear one found. */
const HAND_OVER_STEPS = 1000;
const HAND_OVER_RATE = 1e-2;
/** Batches are those of so many rows at most. */
const MAX_BATCH_ROWS = 2000;
const STEPS_A_ROUND = 100;
const FIRST_VARIANCE = 0.5;
/** The report keeps every so many rounds. */
const RECORD_EVERY = 10;

interface Stage {
  readonly name: string;
  readonly rounds: number;
  readonly learningRate: number;
  readonly gateLearningRate: number;
}
const COARSE: Stage = {
  name: "coarse",
  rounds: 60,
  learningRate: LAW_LEARNING_RATE,
  gateLearningRate: 0.03,
};
const FINE: Stage = { name: "fine", rounds: 40, learningRate: 5e-3, gateLearningRate: 5e-3 };

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

/** A net in training. */
export interface Learner {
  readonly net: Net;
  readonly moments?: Moments;
}

interface Climber extends Start {
  experts: readonly Learner[];
  gate: Learner;
  variance: number;
  shares: Float32Array;
  rounds: RoundRecord[];
  /** Of the last round that was kept. */
  winners: Int32Array;
}

interface Field {
  readonly samples: Samples;
  readonly executor: Executor;
  readonly spent: { cost: number };
}

/** A climb from a fresh start. */
export async function climb(samples: Samples, start: Start, executor: Executor): Promise<Climbed> {
  const field: Field = { samples, executor, spent: { cost: 0 } };
  const climber = setOff(samples, start);
  for (let round = 0; round < COARSE.rounds; round++) {
    await takeRound(field, climber, COARSE, round);
  }
  expect(field, climber, false);
  return climbFine(field, climber);
}

/**
 * Goes on with one expert more, which starts with the given rows as its own.
 *
 * @param rows - Rows that the mixture predicts worst, at least one.
 */
export async function climbWithNewcomer(
  samples: Samples,
  from: Climbed,
  rows: Int32Array,
  executor: Executor,
): Promise<Climbed> {
  const field: Field = { samples, executor, spent: { cost: 0 } };
  const nExperts = from.nExperts + 1;
  const seed = childSeed(from.seed, "newcomer");
  const fresh = setOff(samples, { ...from, nExperts, seed });
  const { experts: veterans, variance } = from.mixture;
  const experts = [...veterans.map((net) => ({ net })), fresh.experts.at(-1)!];
  return climbFine(field, { ...fresh, experts, variance, shares: sharesWith(from, rows) });
}

/** The shares of a climb with a further expert that holds the given rows alone. */
function sharesWith({ nExperts, shares }: Climbed, rows: Int32Array): Float32Array {
  const width = nExperts + 1;
  const next = new Float32Array((shares.length / nExperts) * width);
  for (let e = 0; e < shares.length; e++) {
    next[Math.floor(e / nExperts) * width + (e % nExperts)] = shares[e]!;
  }
  for (const i of rows) next.fill(0, i * width, (i + 1) * width)[i * width + nExperts] = 1;
  return next;
}

async function climbFine(field: Field, climber: Climber): Promise<Climbed> {
  await handOver(field, climber);
  for (let round = 0; round < FINE.rounds; round++) {
    await takeRound(field, climber, FINE, round);
  }
  const answers = expect(field, climber, false);
  record(climber);
  const { nExperts, seed, laws, rows, shares, rounds } = climber;
  const { cost } = field.spent;
  return { nExperts, seed, laws, rows, mixture: mixtureOf(climber), answers, shares, rounds, cost };
}

function setOff({ X, y }: Samples, start: Start): Climber {
  const rng = createRng(childSeed(start.seed, "climb"));
  const linear = { sizes: [X.nColumns, start.nExperts], activation: "tanh" as const };
  const experts = Array.from({ length: start.nExperts }, () =>
    freshLaw(X.nColumns, start.laws, rng),
  );
  const shares = new Float32Array(y.length * start.nExperts);
  const gate = { net: initNet(linear, rng) };
  return {
    ...start,
    experts,
    gate,
    variance: FIRST_VARIANCE,
    shares,
    rounds: [],
    winners: new Int32Array(0),
  };
}

/** A law to begin with. */
export function freshLaw(nInputs: number, laws: Laws, rng: Rng): Learner {
  const shape = { sizes: [nInputs, ...LAWS[laws], 1], activation: "tanh" as const };
  return { net: initNet(shape, rng, INIT_SCALE) };
}

/** Expectation, then some steps of maximisation. */
async function takeRound(
  field: Field,
  climber: Climber,
  stage: Stage,
  round: number,
): Promise<void> {
  expect(field, climber, stage === COARSE && round === 0);
  if (round % RECORD_EVERY === 0) record(climber);
  const trained = await run(field, tasksOf(field, climber, stage, round));
  climber.experts = climber.experts.map((old, k) => finiteOr(old, trained[k]!));
  climber.gate = finiteOr(climber.gate, trained[climber.nExperts]!);
}

function expect({ samples, executor }: Field, climber: Climber, keepVariance: boolean): Answers {
  const answers = answer(executor.engine, mixtureOf(climber), samples);
  climber.shares = responsibilities(answers, climber.variance);
  if (!keepVariance) {
    climber.variance = noiseOf(answers, climber.shares, climber.rows);
    climber.shares = responsibilities(answers, climber.variance);
  }
  return answers;
}

function mixtureOf({ experts, gate, variance }: Climber): LikelihoodMixture {
  return { experts: experts.map(({ net }) => net), gate: gate.net, variance };
}

function tasksOf(
  { samples }: Field,
  climber: Climber,
  stage: Stage,
  round: number,
): readonly TrainTask[] {
  const { experts, gate, nExperts, shares, rows, seed } = climber;
  const fall = 0.5 * (1 + Math.cos((Math.PI * round) / stage.rounds)) + 0.002;
  const rate = stage === COARSE && round === 0 ? 0.5 * fall : fall;
  const options = (learningRate: number, weightDecay: number) => ({
    ...gentle(rows),
    steps: STEPS_A_ROUND,
    learningRate: learningRate * rate,
    weightDecay,
    schedule: "constant" as const,
    seed: childSeed(seed, `${stage.name} ${round}`),
  });
  const laws = experts.map(
    (learner, k): TrainTask => ({
      ...learner,
      loss: "squared-error",
      targets: samples.y,
      rows,
      weights: columnOf(shares, nExperts, k),
      options: options(stage.learningRate, LAW_WEIGHT_DECAY),
    }),
  );
  const gateOptions = options(stage.gateLearningRate, GATE_WEIGHT_DECAY);
  return [...laws, { ...gateTask(shares, gate, gateOptions), rows }];
}

/** A flexible gate learns what was found so far. */
async function handOver(field: Field, climber: Climber): Promise<void> {
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

/** What all training here has in common. */
function gentle(rows: Int32Array): { batchSize: number; warmupSteps: number; clipNorm: number } {
  const batchSize = batchSizeFor(Math.min(rows.length, MAX_BATCH_ROWS));
  return { batchSize, warmupSteps: 0, clipNorm: CLIP_NORM };
}

/** A net that diverged stays where it was. */
function finiteOr(old: Learner, next: Learner): Learner {
  return isFiniteNet(next.net) ? next : old;
}

function record(climber: Climber): void {
  const { nExperts, shares, variance, rounds } = climber;
  const nSamples = shares.length / nExperts;
  const totals = Array.from({ length: nExperts }, (_, k) =>
    columnOf(shares, nExperts, k).reduce((sum, share) => sum + share / nSamples, 0),
  );
  const winners = mostResponsible(shares, nExperts);
  const moved = rounds.length === 0 ? 0 : churn(climber.winners, winners);
  rounds.push({ temperature: 1, shares: totals, noise: variance, churn: moved });
  climber.winners = winners;
}

async function run(
  { samples, executor, spent }: Field,
  tasks: readonly TrainTask[],
): Promise<readonly Learner[]> {
  for (const task of tasks) spent.cost += trainCost(task);
  return executor.train(samples.X, tasks);
}
