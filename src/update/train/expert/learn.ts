/**
 * One expert learns: on from where it stands, on new rows, and on old ones of its regime with a
 * forgetting weight that held-out new rows choose. Nets go on; experts of other families are fitted
 * again (learn-family.ts).
 */
import {
  type Expert,
  familyOf,
  resumeTraining,
  type Samples,
  trainCost,
} from "../../../experts/index.ts";
import { mean } from "../../../metrics/index.ts";
import { cosine, type Range, regressionTask, targetRange } from "../../../mixture/index.ts";
import { childSeed } from "../../../shared/rng.ts";
import { FINAL_SHARE, FORGETTING, predictedCost, stepsFor } from "../../training.ts";
import { weigh } from "../samples.ts";
import { holdOutLast, holdOutSome } from "./hold-out.ts";
import { learnFamily } from "./learn-family.ts";
import {
  type Chosen,
  type ClippedExpert,
  errorsOn,
  type Learning,
  type Lesson,
  type Trial,
} from "./lesson.ts";
import { LEARNING_RATE, WEIGHT_DECAY } from "./settings.ts";
import { netOf, widest } from "./start-net.ts";

/** What an expert has become by a lesson. */
export interface Learnt extends ClippedExpert {
  /** Errors of the chosen candidate on held-out new rows, standardised. */
  readonly heldOut: Float64Array;
  /** Of the expert as it was, on the same rows. */
  readonly heldOutBefore: Float64Array;
  /** The targets of those rows, standardised. */
  readonly heldTargets: Float32Array;
  /** Errors on held-out old rows, of the expert as it was and of the chosen candidate. */
  readonly oldRows: { readonly before: Float64Array; readonly after: Float64Array } | null;
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
  const { learnt, held } = holdOutLast(fresh);
  const oldPart = old === null ? null : holdOutSome(old);
  const trial = { learnt: { fresh: learnt, old: oldPart?.learnt ?? null }, held };
  const range = widest(start.range, targetRange(weigh(fresh, old, 1).y));
  const family = familyOf(start.expert);
  const cost = predictedCost(start.expert, fresh.y.length, old?.y.length ?? 0);
  const { candidate, ...chosen } =
    family === null
      ? await learnNet(start, lesson, trial, { ...learning, range })
      : { ...learnFamily(family, lesson, trial, { ...learning, range }), cost };
  const errorsBy = (expert: ClippedExpert, samples: Samples): Float64Array =>
    errorsOn(learning.executor, expert, samples);
  const oldHeld = oldPart?.held;
  const oldRows =
    oldHeld === undefined || oldHeld.y.length === 0
      ? null
      : {
          before: errorsBy(start, oldHeld),
          after: errorsBy({ expert: candidate, range }, oldHeld),
        };
  const heldOutBefore = errorsBy(start, held);
  return { ...chosen, range, heldOutBefore, heldTargets: held.y, oldRows };
}

/** One candidate for each weight of old rows; the best one goes on, on all rows. */
async function learnNet(
  { expert: start }: ClippedExpert,
  { fresh, old }: Lesson,
  { learnt, held }: Trial,
  { range, seed, executor }: Learning & { readonly range: Range },
): Promise<Chosen> {
  const weights = old === null ? [0] : FORGETTING;
  const { net, inputsOf, keep } = resumeTraining(netOf(start, seed));
  const schedule = (share: number, label: string) => {
    const nRows = fresh.y.length + (old?.y.length ?? 0);
    const steps = Math.round(share * stepsFor(nRows));
    const settings = { steps, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY };
    return cosine(settings, childSeed(seed, label));
  };
  const tasks = weights.map((weight) =>
    regressionTask(weigh(learnt.fresh, learnt.old, weight), net, schedule(1, "candidates")),
  );
  const X = inputsOf(weigh(learnt.fresh, learnt.old, 1).X);
  const candidates = await executor.train(X, tasks);
  const experts = candidates.map((one): Expert => ({ kind: "mlp", net: keep(one.net) }));
  const errors = experts.map((expert) => errorsOn(executor, { expert, range }, held));
  const losses = errors.map((list) => mean(list.map((error) => error ** 2)));
  const best = losses.indexOf(Math.min(...losses));
  const final = regressionTask(
    weigh(fresh, old, weights[best]!),
    candidates[best]!.net,
    schedule(FINAL_SHARE, "final"),
  );
  const [trained] = await executor.train(inputsOf(weigh(fresh, old, 1).X), [final]);
  return {
    candidate: experts[best]!,
    expert: { kind: "mlp", net: keep(trained!.net) },
    heldOut: errors[best]!,
    oldWeight: old === null ? null : weights[best]!,
    cost: [...tasks, final].reduce((sum, task) => sum + trainCost(task), 0),
  };
}
