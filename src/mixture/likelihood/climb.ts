/**
 * One climb of the likelihood: K nets and a gate, trained together by EM until each net has a
 * separate law and the gate learns from x where it holds.
 *
 * From a random start a climb goes from coarse to fine. At first the gate is linear in x, so that
 * every net's part is convex and in one piece: from random starts that finds far better parts than
 * a flexible gate does. Then a flexible gate takes over from these parts and bends the
 * boundaries. A climb from labels needs the fine stage alone.
 */
import type { Samples, TrainTask } from "../../experts/index.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor } from "../executor.ts";
import {
  arrive,
  type Climbed,
  type Climber,
  expect,
  type Field,
  handOver,
  openField,
  run,
  type Stage,
  type Start,
  setOff,
  takeRounds,
} from "./climber.ts";
import { answer, noiseOf } from "./expectation.ts";
import { finiteOr, gentle, LAW_LEARNING_RATE, LAW_WEIGHT_DECAY } from "./laws.ts";

const COARSE: Stage = {
  name: "coarse",
  rounds: 60,
  learningRate: LAW_LEARNING_RATE,
  gateLearningRate: 0.03,
  outliers: "none",
};
const FINE: Stage = {
  name: "fine",
  rounds: 30,
  learningRate: 5e-3,
  gateLearningRate: 5e-3,
  outliers: "divided",
};
const POLISH: Stage = {
  name: "polish",
  rounds: 40,
  learningRate: LAW_LEARNING_RATE,
  gateLearningRate: LAW_LEARNING_RATE,
  outliers: "untaught",
};
/** The steps in which laws learn the labels that a climb starts from. */
const LABEL_STEPS = 1500;

/** A climb from a fresh start. */
export async function climb(samples: Samples, start: Start, executor: Executor): Promise<Climbed> {
  const field = openField(samples, executor);
  const climber = setOff(samples, start);
  await takeRounds(field, climber, COARSE);
  expect(field, climber, FINE);
  return climbFine(field, climber);
}

/**
 * A climb from labels: every law learns its rows first, then the flexible gate does.
 *
 * @param labels - Of all samples, values in [0, start.nExperts).
 */
export async function climbFromLabels(
  samples: Samples,
  start: Start,
  labels: Int32Array,
  executor: Executor,
): Promise<Climbed> {
  const field = openField(samples, executor);
  const climber = setOff(samples, start);
  const { nExperts, rows } = start;
  labels.forEach((label, i) => {
    climber.shares[i * nExperts + label] = 1;
  });
  const trained = await run(field, labelTasks(samples, climber, labels));
  climber.experts = climber.experts.map((old, k) => finiteOr(old, { net: trained[k]!.net }));
  const mixture = { experts: climber.experts.map(({ net }) => net), gate: climber.gate.net };
  const answers = answer(executor.engine, { ...mixture, variance: 1 }, samples);
  climber.variance = noiseOf(answers, climber.shares, rows);
  return climbFine(field, climber);
}

function labelTasks(
  samples: Samples,
  { experts, rows, seed }: Climber,
  labels: Int32Array,
): readonly TrainTask[] {
  return experts.map((learner, k): TrainTask => {
    const ofRegime = rows.filter((i) => labels[i] === k);
    return {
      ...learner,
      loss: "squared-error",
      targets: samples.y,
      rows: ofRegime.length > 0 ? ofRegime : rows,
      weights: null,
      options: {
        ...gentle(rows),
        steps: LABEL_STEPS,
        learningRate: LAW_LEARNING_RATE,
        weightDecay: LAW_WEIGHT_DECAY,
        schedule: "cosine",
        seed: childSeed(seed, `from labels ${k}`),
      },
    };
  });
}

/**
 * Goes on with one more expert, which starts with the given rows.
 *
 * @param rows - Rows that the mixture predicts worst, at least one.
 */
export async function climbWithNewcomer(
  samples: Samples,
  from: Climbed,
  rows: Int32Array,
  executor: Executor,
): Promise<Climbed> {
  const field = openField(samples, executor);
  const nExperts = from.nExperts + 1;
  const seed = childSeed(from.seed, "newcomer");
  const fresh = setOff(samples, { ...from, nExperts, seed });
  const { experts: veterans, variance } = from.mixture;
  const experts = [...veterans.map((net) => ({ net })), fresh.experts.at(-1)!];
  return climbFine(field, { ...fresh, experts, variance, shares: sharesWith(from, rows) });
}

/** The shares of a climb with a further expert that has only the given rows. */
function sharesWith({ nExperts, shares }: Climbed, rows: Int32Array): Float32Array {
  const width = nExperts + 1;
  const next = new Float32Array((shares.length / nExperts) * width);
  for (let e = 0; e < shares.length; e++) {
    next[Math.floor(e / nExperts) * width + (e % nExperts)] = shares[e]!;
  }
  for (const i of rows) next.fill(0, i * width, (i + 1) * width)[i * width + nExperts] = 1;
  return next;
}

/** Goes on from the end of a climb, at a higher rate that falls again, without outliers. */
export async function polish(
  samples: Samples,
  from: Climbed,
  executor: Executor,
): Promise<Climbed> {
  const field = openField(samples, executor);
  const { experts, gate, variance } = from.mixture;
  const climber: Climber = {
    ...setOff(samples, from),
    experts: experts.map((net) => ({ net })),
    gate: { net: gate },
    variance,
    shares: from.shares.slice(),
    seed: childSeed(from.seed, "polish"),
  };
  await takeRounds(field, climber, POLISH);
  return arrive(field, climber);
}

async function climbFine(field: Field, climber: Climber): Promise<Climbed> {
  await handOver(field, climber);
  await takeRounds(field, climber, FINE);
  return arrive(field, climber);
}
