/**
 * One expert learns: on from where it stands, on new rows, and on old ones of its regime with a
 * forgetting weight that held-out new rows choose. Nets go on; experts of other families are fitted
 * anew (learn-family.ts).
 */
import { type Expert, familyOf, resumeTraining, trainCost } from "../../../experts/index.ts";
import { mean } from "../../../metrics/index.ts";
import { cosine, type Range, regressionTask, targetRange } from "../../../mixture/index.ts";
import { childSeed } from "../../../shared/rng.ts";
import { FINAL_SHARE, FORGETTING, predictedCost, stepsFor } from "../../training.ts";
import { weigh } from "../samples.ts";
import { type HeldOutDivision, holdOutSome } from "./hold-out.ts";
import { learnFamily } from "./learn-family.ts";
import { type ClippedExpert, errorsOn, type Learning, type Lesson } from "./lesson.ts";
import { LEARNING_RATE, WEIGHT_DECAY } from "./settings.ts";
import { netOf, widest } from "./start-net.ts";

/** What an expert has become by a lesson. */
export interface Learnt extends ClippedExpert {
  /** Errors of the chosen candidate on held-out new rows, standardised. */
  readonly heldOut: Float64Array;
  /** Of the expert as it was, on the same rows. */
  readonly heldOutBefore: Float64Array;
  /** The weight of old rows that was chosen; null where there are none. */
  readonly oldWeight: number | null;
  /** Multiply-adds. */
  readonly cost: number;
}

/** @param start - The expert to go on from. */
export async function learn(
  start: ClippedExpert,
  lesson: Lesson,
  learning: Learning,
): Promise<Learnt> {
  const { fresh, old } = lesson;
  const division = holdOutSome(fresh);
  const range = widest(start.range, targetRange(weigh(fresh, old, 1).y));
  const heldOutBefore = errorsOn(learning.executor, start, division.held);
  const family = familyOf(start.expert);
  if (family !== null) {
    const fitted = learnFamily(family, lesson, division, { ...learning, range });
    const cost = predictedCost(start.expert, fresh.y.length, old?.y.length ?? 0);
    return { ...fitted, range, heldOutBefore, cost };
  }
  return {
    ...(await learnNet(start, lesson, division, { ...learning, range })),
    range,
    heldOutBefore,
  };
}

/** One candidate for each weight of old rows; the best one goes on, on all rows. */
async function learnNet(
  { expert }: ClippedExpert,
  { fresh, old }: Lesson,
  { learnt, held }: HeldOutDivision,
  { range, seed, executor }: Learning & { readonly range: Range },
): Promise<Omit<Learnt, "range" | "heldOutBefore">> {
  const weights = old === null ? [0] : FORGETTING;
  const { net, inputsOf, keep } = resumeTraining(netOf(expert, seed));
  const schedule = (share: number, label: string) => {
    const nRows = fresh.y.length + (old?.y.length ?? 0);
    const steps = Math.round(share * stepsFor(nRows));
    const settings = { steps, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
    return cosine(settings, childSeed(seed, label));
  };
  const tasks = weights.map((weight) =>
    regressionTask(weigh(learnt, old, weight), net, schedule(1, "candidates")),
  );
  const candidates = await executor.train(inputsOf(weigh(learnt, old, 1).X), tasks);
  const errors = candidates.map((one) => {
    const candidate: Expert = { kind: "mlp", net: keep(one.net) };
    return errorsOn(executor, { expert: candidate, range }, held);
  });
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
    heldOut: errors[best]!,
    oldWeight: old === null ? null : weights[best]!,
    cost: [...tasks, final].reduce((sum, task) => sum + trainCost(task), 0),
  };
}
