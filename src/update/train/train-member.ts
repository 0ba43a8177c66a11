/**
 * The third stage of an update: decisions about a member are carried out one after the other.
 *
 * Each is trained for, verified on new rows held out, and only then taken into the draft. Experts
 * that no decision is about stay the same objects, and the gate changes only as a refinement does
 * (src/gate/refine.ts). A change that does not hold on held-out rows is not made, and the outcome
 * says so.
 */
import type { Decision } from "../decide/index.ts";
import type { WatchedMember } from "../watch/index.ts";
import { type Draft, startDraft } from "./draft.ts";
import { grow } from "./grow.ts";
import type { Outcome, Step } from "./outcome.ts";
import { recall } from "./recall.ts";
import { retrain } from "./retrain.ts";
import { split } from "./split.ts";
import type { Training } from "./training.ts";

export interface TrainedMember {
  readonly draft: Draft;
  readonly outcomes: readonly Outcome[];
}

export async function trainMember(
  watched: WatchedMember,
  decisions: readonly Decision[],
  training: Training,
): Promise<TrainedMember> {
  let trained: TrainedMember = {
    draft: startDraft(watched.current, watched.member),
    outcomes: [],
  };
  for (const decision of decisions) {
    const { draft, outcomes } = await carryOut(watched, trained.draft, decision, training);
    trained = { draft, outcomes: [...trained.outcomes, ...outcomes] };
  }
  return trained;
}

async function carryOut(
  watched: WatchedMember,
  draft: Draft,
  decision: Decision,
  training: Training,
): Promise<TrainedMember> {
  if (decision.action === "grow") return grow(watched, draft, decision, training);
  const { draft: next, outcome } = await carryOutOne(watched, draft, decision, training);
  return { draft: next, outcomes: [outcome] };
}

async function carryOutOne(
  watched: WatchedMember,
  draft: Draft,
  decision: Decision,
  training: Training,
): Promise<Step> {
  const { action } = decision;
  if (action === "recall" || action === "merge") return recall(watched, draft, decision, training);
  if (action === "retrain") return retrain(watched, draft, decision, training);
  if (action === "split") return split(watched, draft, decision, training);
  const outcome = { ...decision, verified: null, nLearnt: 0, isNewLaw: false };
  return { draft, outcome };
}
