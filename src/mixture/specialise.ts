/**
 * From a partition to a mixture: a gate that learns the labels from x alone, and for every
 * regime an expert that starts from the base net and trains on its regime and a little beyond.
 *
 * The overlap makes a smooth mixture smooth at its boundaries: expert k trains on sample i with
 * weight max(1[label_i = k], g_k(x_i)). With hard routing it trains only on its regime, because a
 * jump at the boundary would bend it (docs/method.md).
 */
import {
  type Expert,
  isFiniteNet,
  type Net,
  predictExpert,
  type Samples,
  type TrainTask,
  trainCost,
} from "../experts/index.ts";
import { fitBoundary, freshGateNet, type Gate, gateScores, gateTask } from "../gate/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { childSeed, createRng } from "../shared/rng.ts";
import { columnOf, type Partition } from "./compete.ts";
import type { Executor } from "./executor.ts";
import type { Mixture } from "./model.ts";
import { batchSizeFor, type FitOptions } from "./options.ts";
import { clip, targetRange } from "./samples.ts";
import { CLIP_NORM, cosine, type NetSettings, regressionTask } from "./train-net.ts";

const GATE_HIDDEN = 32;
const GATE_STEPS = 2000;
const GATE_LEARNING_RATE = 4e-3;
const GATE_WEIGHT_DECAY = 0.1;
const GATE_OUTPUT_SCALE = 0.3;
/** Experts start warm from the base net, so they learn at half its rate. */
const LEARNING_SHARE = 0.5;
const MIN_STEPS = 200;
const MIN_VARIANCE = 2e-4;
/** The median of the square of a standard normal number. */
const MEDIAN_OF_SQUARE = 0.455;

export interface Specialised {
  readonly mixture: Mixture;
  /** Multiply-adds spent. */
  readonly cost: number;
}

/**
 * @param base - The net that every expert starts from, trained on all samples.
 * @throws EXPERT_DIVERGED if an expert ends with parameters that are not finite.
 */
export async function specialise(
  { samples, base, settings }: { samples: Samples; base: Net; settings: NetSettings },
  partition: Partition,
  options: FitOptions,
  executor: Executor,
): Promise<Specialised> {
  const { gate, cost: gateCost } = await fitGate(samples, partition, options, executor);
  const isHard = options.recombination === "hard";
  const scores = gateScores(executor.engine, gate, samples.X);
  const tasks = Array.from({ length: partition.nExperts }, (_, k) => {
    const weights = isHard ? ownWeights(partition, k) : overlapWeights(scores, partition, k);
    const weighted = { ...samples, weights };
    return specialistTask(weighted, { base, settings, k }, options);
  });
  const trained = await executor.train(samples.X, tasks);
  const experts = trained.map(({ net }, k): Expert => ({ kind: "mlp", net: checkedNet(net, k) }));
  const cost = tasks.reduce((sum, task) => sum + trainCost(task), gateCost);
  const final = drawsBoundary(options)
    ? await fitFinalBoundary(samples, experts, options, executor)
    : gate;
  return { mixture: { experts, gate: final, recombination: options.recombination }, cost };
}

/** Whether the gate is fitted to the trained experts' errors and not to labels. */
function drawsBoundary({ gate }: FitOptions): boolean {
  return gate !== "softmax";
}

async function fitFinalBoundary(
  { X, y }: Samples,
  experts: readonly Expert[],
  { gate: kinds, seed }: FitOptions,
  executor: Executor,
): Promise<Gate> {
  const { engine } = executor;
  const range = targetRange(y);
  const nExperts = experts.length;
  const errors = new Float64Array(y.length * nExperts);
  experts.forEach((expert, k) => {
    predictExpert(engine, expert, X).forEach((value, i) => {
      errors[i * nExperts + k] = clip(value, range) - y[i]!;
    });
  });
  const variance = leastVariance(errors, nExperts);
  const request = { X, errors, variance, seed: childSeed(seed, "boundary"), kinds };
  return (await fitBoundary(request, executor)).gate;
}

/**
 * The noise from the median squared error of each row's best expert, which is robust to outliers.
 */
function leastVariance(errors: Float64Array, nExperts: number): number {
  const least = Float64Array.from({ length: errors.length / nExperts }, (_, i) => {
    const row = errors.subarray(i * nExperts, (i + 1) * nExperts);
    return row.reduce((best, error) => Math.min(best, error * error), Number.POSITIVE_INFINITY);
  }).sort();
  return Math.max(MIN_VARIANCE, least[least.length >> 1]! / MEDIAN_OF_SQUARE);
}

/** Expert k: the base net, trained further on weighted samples. */
export function specialistTask(
  samples: Samples,
  { base, settings, k }: { base: Net; settings: NetSettings; k: number },
  options: FitOptions,
): TrainTask {
  const learningRate = settings.learningRate * LEARNING_SHARE;
  const weightDecay = Math.max(settings.weightDecay, options.minSpecialistDecay);
  const training = { learningRate, weightDecay, steps: Math.max(MIN_STEPS, settings.steps) };
  const schedule = cosine(training, childSeed(options.seed, `expert ${k}`));
  return regressionTask(samples, base, schedule);
}

function checkedNet(net: Net, k: number): Net {
  if (isFiniteNet(net)) return net;
  throw new BailiwickError(
    "EXPERT_DIVERGED",
    `expert ${k} must end with finite parameters; a smaller learning rate helps`,
    { expert: k },
  );
}

/** Weight of every sample for expert k: 1 for its samples, the gate's score for others. */
function overlapWeights(scores: Float64Array, partition: Partition, k: number): Float32Array {
  const weights = columnOf(scores, partition.nExperts, k);
  partition.labels.forEach((label, i) => {
    if (label === k) weights[i] = 1;
  });
  return weights;
}

function ownWeights({ labels }: Partition, k: number): Float32Array {
  return Float32Array.from(labels, (label) => (label === k ? 1 : 0));
}

/** A gate on the partition's labels: what rounds and experts need before errors are available. */
export async function fitGate(
  samples: Samples,
  partition: Partition,
  options: FitOptions,
  executor: Executor,
): Promise<{ gate: Gate; cost: number }> {
  const { labels, nExperts } = partition;
  const seed = childSeed(options.seed, "gate");
  const targets = new Float32Array(labels.length * nExperts);
  labels.forEach((label, i) => {
    targets[i * nExperts + label] = 1;
  });
  const sizes = { nFeatures: samples.X.nColumns, hidden: GATE_HIDDEN, nExperts };
  const net = freshGateNet(sizes, createRng(childSeed(seed, "parameters")), GATE_OUTPUT_SCALE);
  const task = gateTask(
    targets,
    { net },
    {
      steps: GATE_STEPS,
      batchSize: batchSizeFor(labels.length),
      learningRate: GATE_LEARNING_RATE,
      weightDecay: GATE_WEIGHT_DECAY,
      schedule: "cosine",
      warmupSteps: 0,
      clipNorm: CLIP_NORM,
      seed: childSeed(seed, "rows"),
    },
  );
  const [trained] = await executor.train(samples.X, [task]);
  return { gate: { kind: "softmax", net: trained!.net }, cost: trainCost(task) };
}
