/** One expert learns from nothing: it knows these rows and no others. */
import {
  type Expert,
  familyOf,
  fitFamily,
  initNet,
  resumeTraining,
  type Samples,
} from "../../../experts/index.ts";
import { cosine, regressionTask, targetRange } from "../../../mixture/index.ts";
import { childSeed, createRng } from "../../../shared/rng.ts";
import { MAX_STEPS } from "../../training.ts";
import { holdOutSome } from "./hold-out.ts";
import type { Learnt } from "./learn.ts";
import { errorsOn, type Learning } from "./lesson.ts";
import { ANEW_LEARNING_RATE, WEIGHT_DECAY } from "./settings.ts";

/**
 * An expert of the same shape from nothing. Some rows are held out to measure it; the expert that
 * is returned has learnt from all.
 */
export async function learnAnew(
  before: Expert,
  samples: Samples,
  learning: Learning,
): Promise<Pick<Learnt, "expert" | "range" | "heldOut" | "heldTargets">> {
  const { held, learnt } = holdOutSome(samples);
  const range = targetRange(samples.y);
  const measured = await fitAnew(before, learnt, learning);
  const expert = await fitAnew(before, samples, learning);
  const heldOut = errorsOn(learning.executor, { expert: measured, range }, held);
  return { expert, range, heldOut, heldTargets: held.y };
}

async function fitAnew(
  before: Expert,
  samples: Samples,
  { seed, executor }: Learning,
): Promise<Expert> {
  const family = familyOf(before);
  if (before.kind !== "mlp" || family !== null) {
    return fitFamily(family!, samples, childSeed(seed, "anew"));
  }
  const { net: shape, inputsOf, keep } = resumeTraining(before.net);
  const net = initNet(shape, createRng(childSeed(seed, "anew")));
  const settings = {
    steps: MAX_STEPS,
    learningRate: ANEW_LEARNING_RATE,
    weightDecay: WEIGHT_DECAY,
  };
  const task = regressionTask(samples, net, cosine(settings, childSeed(seed, "anew rows")));
  const [trained] = await executor.train(inputsOf(samples.X), [task]);
  return { kind: "mlp", net: keep(trained!.net) };
}
