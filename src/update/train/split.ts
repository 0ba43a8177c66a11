/**
 * A part of a regime follows another law. It is given to a new expert only if one expert cannot
 * learn both laws: as well as the old law is predicted where it still holds.
 */
import { mean } from "../../metrics/index.ts";
import { takeSamples } from "../../mixture/index.ts";
import type { Decision } from "../decide/index.ts";
import type { WatchedMember } from "../watch/index.ts";
import { clipped } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { learn } from "./expert/index.ts";
import { addExpert } from "./new-expert.ts";
import type { Step } from "./outcome.ts";
import { retrain } from "./retrain.ts";
import { learningOf, type Training } from "./training.ts";

/** One expert knows two laws if its mean square is at most this many times the one law's. */
const ONE_LAW = 2;

export async function split(
  watched: WatchedMember,
  draft: Draft,
  decision: Decision,
  training: Training,
): Promise<Step> {
  const { expert: k, rows } = decision;
  const staying = decision.staying!;
  const both = Int32Array.from([...rows, ...staying]).sort();
  const floor = mean(Float64Array.from(staying, (i) => watched.seen.errors[i]! ** 2));
  const { target } = watched.current.model.preprocessing;
  const start = clipped(draft.experts[k]!, target);
  const lesson = { fresh: takeSamples(watched.rows.samples, both), old: null };
  const scout = await learn(start, lesson, learningOf(training, watched));
  const reached = mean(scout.heldOut.map((error) => error ** 2));
  const step =
    reached > ONE_LAW * floor
      ? await addExpert(
          watched,
          draft,
          { decision, from: k, division: { experts: [k], rows: staying, withOld: false } },
          training,
        )
      : await retrain(watched, draft, { ...decision, action: "retrain", rows: both }, training);
  const { outcome } = step;
  return { ...step, outcome: { ...outcome, cost: outcome.cost + scout.cost } };
}
