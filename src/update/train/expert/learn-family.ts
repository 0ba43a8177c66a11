/**
 * Experts of families that are fitted in one go: they cannot go on from where they stand. They are
 * fitted again, on new rows and on old ones with the weight that held-out new rows choose.
 */
import {
  type Expert,
  type FamilyName,
  type FamilySettings,
  fitFamily,
  type Samples,
  tuneFamilies,
} from "../../../experts/index.ts";
import { mean } from "../../../metrics/index.ts";
import { type Range, takeSamples } from "../../../mixture/index.ts";
import { childSeed } from "../../../shared/rng.ts";
import { FORGETTING } from "../../training.ts";
import { weigh } from "../samples.ts";
import { type Chosen, errorsOn, type Learning, type Lesson, type Trial } from "./lesson.ts";

/** @param range - Where answers are clipped. */
export function learnFamily(
  family: FamilyName,
  { fresh, old }: Lesson,
  { learnt, held }: Trial,
  { range, seed, executor }: Learning & { readonly range: Range },
): Omit<Chosen, "cost"> {
  const weights = old === null ? [0] : FORGETTING;
  const ofFamily = childSeed(seed, family);
  const rowsOf = (lesson: Lesson, weight: number): Samples =>
    withoutUnweighted(weigh(lesson.fresh, lesson.old, weight));
  // Rows count alike where a kernel is tuned, whatever their weight: once without old rows and once
  // with them is enough.
  const tune = (weight: number): FamilySettings =>
    family === "gp" ? tuneFamilies([family], rowsOf(learnt, weight), ofFamily) : {};
  const alone = tune(0);
  const together = old === null ? alone : tune(1);
  const fitted = (lesson: Lesson, weight: number): Expert =>
    fitFamily(family, rowsOf(lesson, weight), ofFamily, weight === 0 ? alone : together);
  const candidates = weights.map((weight) => fitted(learnt, weight));
  const errors = candidates.map((expert) => errorsOn(executor, { expert, range }, held));
  const losses = errors.map((list) => mean(list.map((error) => error ** 2)));
  const best = losses.indexOf(Math.min(...losses));
  return {
    candidate: candidates[best]!,
    expert: fitted({ fresh, old }, weights[best]!),
    heldOut: errors[best]!,
    oldWeight: old === null ? null : weights[best]!,
  };
}

function withoutUnweighted(samples: Samples): Samples {
  const { weights } = samples;
  if (weights === null || weights.every((weight) => weight > 0)) return samples;
  return takeSamples(
    samples,
    Int32Array.from(weights.keys()).filter((i) => weights[i]! > 0),
  );
}
