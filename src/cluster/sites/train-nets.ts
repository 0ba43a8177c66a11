/**
 * Nets and their gate from summed gradients: each step asks for one sum and takes one step of Adam,
 * so that it is the step that all rows in one place would take.
 *
 * Experts compete for rows where the rows are, by the costs of the current nets: at first rows are
 * drawn by chance, so that experts become different, then costs decide at a falling temperature.
 */
import { temperatureAt } from "../../competition/index.ts";
import type { Preprocessing } from "../../data/index.ts";
import { matrixWidth } from "../../data/index.ts";
import {
  type AdamState,
  adamStep,
  clipGradient,
  initNet,
  isFiniteNet,
  learningRateAt,
  type Net,
  type TrainOptions,
} from "../../experts/index.ts";
import { freshGateNet } from "../../gate/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { childSeed, createRng } from "../../shared/rng.ts";
import { type AskSum, gradientLayout, type Labels, type Side } from "../sums/index.ts";

export interface NetTraining {
  readonly preprocessing: Preprocessing;
  readonly nExperts: number;
  readonly hidden: readonly number[];
  readonly steps: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** The share of the rows of a step. */
  readonly share: number;
  readonly side: Side;
  readonly seed: number;
  /** Nets to go on with, whose experts keep their regimes; new ones if absent. */
  readonly start?: TrainedNets;
  /** Called with the steps that are done. */
  readonly onStep?: (step: number) => void;
}

export interface TrainedNets {
  readonly experts: readonly Net[];
  /** null for one expert. */
  readonly gate: Net | null;
}

const GATE_HIDDEN = 16;
/** A new gate scores all experts nearly alike. */
const GATE_OUTPUT_SCALE = 0.1;
const WARMUP_STEPS = 50;
const CLIP_NORM = 5;
/** Rows are drawn by chance in this share of the steps. */
const CHANCE_SHARE = 0.04;
/** Of the mean of squared errors over the last steps. */
const MEMORY = 0.9;
const LEAST_NOISE = 1e-3;

/** @throws EXPERT_DIVERGED if a net ends with parameters that are not finite; as `askSum`. */
export async function trainNets(options: NetTraining, askSum: AskSum): Promise<TrainedNets> {
  const { preprocessing, steps, share, side, seed, onStep } = options;
  const trained = startNets(options);
  let noise = 1;
  for (let step = 0; step < steps; step++) {
    const [experts, gate] = netsOf(trained);
    const labels = labelsAt(step, options, noise);
    const draw = { share, step };
    const query = { kind: "gradient", preprocessing, side, seed, experts, gate, labels, draw };
    const sums = await askSum({ ...query, kind: "gradient" });
    const layout = gradientLayout({ experts, gate });
    let [squares, rows] = [0, 0];
    layout.experts.forEach(({ weight, from }, k) => {
      const [own, error] = [sums[weight]!, sums[weight + 1]!];
      [squares, rows] = [squares + error, rows + own];
      move(trained[k]!, sums, { from, rows: own }, options);
    });
    if (gate !== null) {
      move(trained.at(-1)!, sums, { from: layout.gate, rows: sums[0]! }, options);
    }
    if (rows > 0) noise = Math.max(LEAST_NOISE, MEMORY * noise + (1 - MEMORY) * (squares / rows));
    onStep?.(step + 1);
  }
  const [experts, gate] = netsOf(trained);
  if (![...experts, ...(gate === null ? [] : [gate])].every(isFiniteNet)) {
    throw new BailiwickError("EXPERT_DIVERGED", "nets must end with finite parameters");
  }
  return { experts, gate };
}

/** A net and Adam's memory; the last of several is the gate. */
interface InTraining {
  readonly net: Net;
  readonly state: AdamState;
  steps: number;
}

function startNets(options: NetTraining): readonly InTraining[] {
  const { preprocessing, nExperts, hidden, seed, start } = options;
  if (start !== undefined) {
    return [...start.experts, ...(start.gate === null ? [] : [start.gate])].map(inTraining);
  }
  const nFeatures = matrixWidth(preprocessing.features);
  const shape = { sizes: [nFeatures, ...hidden, 1], activation: "tanh" } as const;
  const experts = Array.from({ length: nExperts }, (_, k) =>
    initNet(shape, createRng(childSeed(seed, `expert ${k}`))),
  );
  if (nExperts === 1) return experts.map(inTraining);
  const sizes = { nFeatures, hidden: GATE_HIDDEN, nExperts };
  const gate = freshGateNet(sizes, createRng(childSeed(seed, "gate")), GATE_OUTPUT_SCALE);
  return [...experts, gate].map(inTraining);
}

function inTraining(net: Net): InTraining {
  const room = (): Float64Array => new Float64Array(net.parameters.length);
  const parameters = Float64Array.from(net.parameters);
  return { net, state: { parameters, first: room(), second: room(), step: 0 }, steps: 0 };
}

/** As they are sent: in 32 bits. */
function netsOf(trained: readonly InTraining[]): readonly [experts: Net[], gate: Net | null] {
  const nets = trained.map(({ net, state }) => {
    return { ...net, parameters: Float32Array.from(state.parameters) };
  });
  const gate = nets.length === 1 ? null : nets.pop()!;
  return [nets, gate];
}

function labelsAt(step: number, { steps, start }: NetTraining, noise: number): Labels {
  if (start !== undefined) return { by: "cost", noise, temperature: 0 };
  const begin = Math.floor(CHANCE_SHARE * steps);
  if (step < begin) return { by: "chance" };
  return { by: "cost", noise, temperature: temperatureAt(step - begin, steps - begin) };
}

/** One step against the mean gradient; a net without rows stays. Modifies `trained`. */
function move(
  trained: InTraining,
  sums: Float64Array,
  { from, rows }: { readonly from: number; readonly rows: number },
  options: NetTraining,
): void {
  const { net, state } = trained;
  trained.steps += 1;
  if (!(rows > 0)) return;
  const gradient = sums.slice(from, from + net.parameters.length);
  for (let p = 0; p < gradient.length; p++) gradient[p]! /= Math.max(1, rows);
  clipGradient(gradient, CLIP_NORM);
  const learningRate = learningRateAt(scheduleOf(options), trained.steps - 1);
  adamStep(state, net, gradient, { learningRate, weightDecay: options.weightDecay });
}

function scheduleOf({ steps, learningRate, weightDecay, seed }: NetTraining): TrainOptions {
  const warmup = { schedule: "cosine", warmupSteps: WARMUP_STEPS } as const;
  return { steps, learningRate, weightDecay, seed, batchSize: 1, clipNorm: CLIP_NORM, ...warmup };
}
