/**
 * One expert, trained on from where it stands: on new rows, and on old ones of its regime with a
 * forgetting weight that held-out new rows choose. Nets go on; experts of other families are fitted
 * anew (refit-family.ts).
 */
import {
  type Expert,
  expertInputs,
  familyOf,
  fitFamily,
  initNet,
  type Net,
  predictExpert,
  resumeTraining,
  type Samples,
  trainCost,
} from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import {
  batchSizeFor,
  clip,
  cosine,
  type Executor,
  type Range,
  regressionTask,
  takeSamples,
  targetRange,
} from "../mixture/index.ts";
import { childSeed, createRng } from "../shared/rng.ts";
import { joinSamples, weigh } from "./old-rows.ts";
import { familyCost, refitFamily } from "./refit-family.ts";

/** Weights of old rows that are tried: none of them is left, a little, all. */
const FORGETTING = [0, 0.2, 1];
/** Of a net that starts from nothing. */
const FRESH_HIDDEN = [32, 32];
const LEARNING_RATE = 5e-3;
/** As experts of the preset `regimes` are fitted. */
const WEIGHT_DECAY = 0.1;
/** Steps for few rows and for many; between them, passes over the rows. */
const MIN_STEPS = 2000;
const MAX_STEPS = 6000;
const PASSES = 100;
/** After the choice, on all rows. */
const FINAL_SHARE = 0.5;
/** One new row in so many is held out. */
const HELD_OUT = 4;

export interface Retrained {
  readonly expert: Expert;
  readonly range: Range;
  /** Errors of the chosen candidate on held-out new rows, standardised. */
  readonly heldOut: Float64Array;
  /** Of the expert as it was, on the same rows. */
  readonly heldOutBefore: Float64Array;
  /** The weight of old rows that was chosen; null where there are none. */
  readonly oldWeight: number | null;
  /** Multiply-adds. */
  readonly cost: number;
}

/**
 * @param start - The expert to go on from, and where its answers are clipped.
 * @param fresh - New rows; at least HELD_OUT.
 * @param old - Rows of earlier days of the same regime.
 */
export async function retrainExpert(
  { expert, range }: { readonly expert: Expert; readonly range: Range },
  fresh: Samples,
  old: Samples | null,
  { seed, executor }: { readonly seed: number; readonly executor: Executor },
): Promise<Retrained> {
  const { held, learnt } = holdOutSome(fresh);
  const own = widest(range, targetRange(weigh(fresh, old, 1).y));
  const weights = old === null ? [0] : FORGETTING;
  const errorsOf = (candidate: Expert, clipped: Range): Float64Array => {
    const answers = predictExpert(executor.engine, candidate, held.X);
    return Float64Array.from(answers, (value, i) => clip(value, clipped) - held.y[i]!);
  };
  const heldOutBefore = errorsOf(expert, range);
  const family = familyOf(expert);
  if (family !== null) {
    const division = { learnt, held, fresh, old };
    const how = { weights, range: own, seed, executor };
    const refitted = refitFamily(family, division, how);
    const cost = predictedCost(expert, fresh.y.length, old?.y.length ?? 0);
    return { ...refitted, range: own, heldOutBefore, cost };
  }
  const { net, inputsOf, keep } = resumeTraining(netOf(expert, seed));
  const schedule = (share: number, label: string) => {
    const nRows = fresh.y.length + (old?.y.length ?? 0);
    const steps = Math.round(share * stepsFor(nRows));
    const settings = { steps, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
    return cosine(settings, childSeed(seed, label));
  };
  const all = weigh(learnt, old, 1);
  const tasks = weights.map((weight) =>
    regressionTask(weigh(learnt, old, weight), net, schedule(1, "candidates")),
  );
  const candidates = await executor.train(inputsOf(all.X), tasks);
  const errors = candidates.map((one) => errorsOf({ kind: "mlp", net: keep(one.net) }, own));
  const losses = errors.map((list) => mean(list.map((error) => error ** 2)));
  const best = losses.indexOf(Math.min(...losses));
  const final = regressionTask(
    weigh(fresh, old, weights[best]!),
    candidates[best]!.net,
    schedule(FINAL_SHARE, "final"),
  );
  const [trained] = await executor.train(inputsOf(weigh(fresh, old, 1).X), [final]);
  return {
    expert: { kind: "mlp", net: keep(trained!.net) },
    range: own,
    heldOut: errors[best]!,
    heldOutBefore,
    oldWeight: old === null ? null : weights[best]!,
    cost: [...tasks, final].reduce((sum, task) => sum + trainCost(task), 0),
  };
}

/** An expert that goes on to strange rows may err by so much more than two experts would. */
const EXTENDS = 1.1;

/**
 * Whether one expert learns strange rows beside its own as well as two experts would: then they are
 * no regime of their own. One row in HELD_OUT of both is held out to see.
 */
export async function canExtend(
  { expert, range }: { readonly expert: Expert; readonly range: Range },
  strange: Samples,
  own: Samples,
  { seed, executor }: { readonly seed: number; readonly executor: Executor },
): Promise<boolean> {
  const { net, inputsOf, keep } = resumeTraining(netOf(expert, seed));
  const [a, b] = [holdOutSome(strange), holdOutSome(own)];
  const wide = widest(range, targetRange(joinSamples(strange, own).y));
  const steps = stepsFor(strange.y.length + own.y.length);
  const settings = { steps, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
  const schedule = cosine(settings, childSeed(seed, "extending"));
  const train = async (samples: Samples): Promise<Net> => {
    const task = regressionTask(samples, net, schedule);
    const [trained] = await executor.train(inputsOf(samples.X), [task]);
    return keep(trained!.net);
  };
  const squares = (one: Expert, { X, y }: Samples): number => {
    const answers = predictExpert(executor.engine, one, X);
    return answers.reduce((sum, value, i) => sum + (clip(value, wide) - y[i]!) ** 2, 0);
  };
  const joint: Expert = { kind: "mlp", net: await train(joinSamples(a.learnt, b.learnt)) };
  const apart: Expert = { kind: "mlp", net: await train(a.learnt) };
  const together = squares(joint, a.held) + squares(joint, b.held);
  return together <= EXTENDS * (squares(apart, a.held) + squares(expert, b.held));
}

/** One row in HELD_OUT, and the others. */
function holdOutSome(samples: Samples): { readonly learnt: Samples; readonly held: Samples } {
  const places = Int32Array.from(samples.y.keys());
  const isHeld = (place: number): boolean => place % HELD_OUT === HELD_OUT - 1;
  const learnt = takeSamples(
    samples,
    places.filter((place) => !isHeld(place)),
  );
  return { learnt, held: takeSamples(samples, places.filter(isHeld)) };
}

/**
 * An expert of the same shape from nothing: it knows these rows and no others. One in HELD_OUT is
 * held out to measure it; what is returned has learnt from all.
 */
export async function trainAnew(
  before: Expert,
  samples: Samples,
  { seed, executor }: { readonly seed: number; readonly executor: Executor },
): Promise<Pick<Retrained, "expert" | "range" | "heldOut">> {
  const { held, learnt } = holdOutSome(samples);
  const range = targetRange(samples.y);
  const fitted: Expert[] = [];
  for (const own of [learnt, samples]) fitted.push(await fitAnew(before, own, { seed, executor }));
  const answers = predictExpert(executor.engine, fitted[0]!, held.X);
  const heldOut = Float64Array.from(answers, (value, i) => clip(value, range) - held.y[i]!);
  return { expert: fitted[1]!, range, heldOut };
}

async function fitAnew(
  before: Expert,
  samples: Samples,
  { seed, executor }: { readonly seed: number; readonly executor: Executor },
): Promise<Expert> {
  const family = familyOf(before);
  if (before.kind !== "mlp" || family !== null) {
    return fitFamily(family!, samples, childSeed(seed, "anew"));
  }
  const { net: shape, inputsOf, keep } = resumeTraining(before.net);
  const net = initNet(shape, createRng(childSeed(seed, "anew")));
  const settings = { steps: MAX_STEPS, learningRate: 1e-2, weightDecay: WEIGHT_DECAY };
  const task = regressionTask(samples, net, cosine(settings, childSeed(seed, "anew rows")));
  const [trained] = await executor.train(inputsOf(samples.X), [task]);
  return { kind: "mlp", net: keep(trained!.net) };
}

function stepsFor(nRows: number): number {
  return Math.min(
    MAX_STEPS,
    Math.max(MIN_STEPS, Math.round((PASSES * nRows) / batchSizeFor(nRows))),
  );
}

function widest(a: Range, b: Range): Range {
  return { least: Math.min(a.least, b.least), most: Math.max(a.most, b.most) };
}

/** A new regime's expert is a net; beside one of another family it starts from nothing. */
function netOf(expert: Expert, seed: number): Net {
  if (expert.kind === "mlp") return expert.net;
  const shape = { sizes: [expertInputs(expert), ...FRESH_HIDDEN, 1], activation: "tanh" as const };
  return initNet(shape, createRng(childSeed(seed, "parameters")));
}

/** Multiply-adds of training on so many new and old rows, before it is done. */
export function predictedCost(expert: Expert, nFresh: number, nOld: number): number {
  const nTried = nOld === 0 ? 1 : FORGETTING.length;
  if (expert.kind !== "mlp") return (nTried + 1) * familyCost(expert, nFresh + nOld);
  const nParameters = resumeTraining(expert.net).net.parameters.length;
  const nRuns = nTried + FINAL_SHARE;
  return 3 * nRuns * stepsFor(nFresh + nOld) * batchSizeFor(nFresh + nOld) * nParameters;
}
