/** Drafts become a model: the parts that were replaced, and all others as they were. */
import type { MemberExplanation } from "../../explain/index.ts";
import type { Model } from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import type { Draft } from "../train/index.ts";
import { intervalsAfter } from "./intervals.ts";
import { mixtureOf } from "./mixture-of.ts";

/** @param drafts - One a member, in the members' order. */
export function nextModel(model: Model, drafts: readonly Draft[]): Model {
  const members = model.members.map((member, m) => {
    const mixture = mixtureOf(drafts[m]!);
    return mixture === member.mixture ? member : { weight: member.weight, mixture };
  });
  if (members.every((member, m) => member === model.members[m])) return model;
  return { ...model, members, ...intervalsAfter(model.intervals, drafts) };
}

/** The model and all that is kept of it. @param nTrain - Rows that it has learnt from. */
export function nextCurrent(current: Current, drafts: readonly Draft[], nTrain: number): Current {
  const explained = drafts.map(explanationOf);
  return {
    model: nextModel(current.model, drafts),
    experts: drafts.map(({ experts }) => experts.map(({ report }) => report)),
    explanation: explained.every((one) => one !== null) ? { members: explained } : null,
    nTrain,
  };
}

/** Experts that an update has changed, or whose scores it has: the affected ones, ascending. */
export function affectedExperts({ mixture, experts, gated }: Draft): readonly number[] {
  return [...experts.keys()].filter(
    (k) => experts[k]!.expert !== mixture.experts[k] || gated.includes(k),
  );
}

function explanationOf({ boundaryMargin, experts }: Draft): MemberExplanation | null {
  const explained = experts.flatMap(({ explanation }) => explanation ?? []);
  if (boundaryMargin === null || explained.length < experts.length) return null;
  return { boundaryMargin, experts: explained };
}
