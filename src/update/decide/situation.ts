/** What the second stage takes: a watched member, its old rows and its earlier experts. */
import { unitOf } from "../../data/index.ts";
import { mean } from "../../metrics/index.ts";
import { expertId } from "../../mixture/index.ts";
import type { KnownExpert } from "../current.ts";
import { predictedCost } from "../training.ts";
import {
  alarmThreshold,
  DEFAULT_ALPHA,
  type Evidence,
  type WatchedMember,
} from "../watch/index.ts";
import { type Decision, NO_ROWS } from "./decision.ts";

export interface DecideOptions {
  /** Probability of a false alarm in all of a member's experts together, ever. Default .001. */
  readonly alpha: number;
  /** An expert is trained again when there are `moreRows` times the rows it was trained on. */
  readonly moreRows: number;
  readonly seed: number;
}

export const DEFAULT_DECIDE: DecideOptions = { alpha: DEFAULT_ALPHA, moreRows: 2, seed: 1 };

/** One member when it is decided about. */
export interface Situation {
  readonly watched: WatchedMember;
  /** Old rows that can be read, one an expert; null without a store. */
  readonly oldCounts: readonly number[] | null;
  /** Experts of earlier versions. */
  readonly retired: () => Promise<readonly KnownExpert[]>;
}

/** A committee's members of one expert stay so: no part of the rows gets an expert. */
export function isWhole({ watched: { current, member } }: Situation): boolean {
  const { members } = current.model;
  return members.length > 1 && members[member]!.mixture.experts.length === 1;
}

/** ln of the evidence that is enough. */
export function thresholdOf({ watched }: Situation, { alpha }: DecideOptions): number {
  return alarmThreshold(watched.monitors.length, alpha);
}

/** Multiply-adds of training expert k, or, if k is null, a new one. */
export function costOf({ watched, oldCounts }: Situation, k: number | null, nRows: number): number {
  const { current, member } = watched;
  const expert = current.model.members[member]!.mixture.experts[k ?? 0]!;
  return predictedCost(expert, nRows, k === null ? 0 : (oldCounts?.[k] ?? 0));
}

/** Mean squared error of the member on some of the rows, standardised. */
export function meanSquareAt({ watched: { seen } }: Situation, rows: Int32Array): number {
  return mean(Float64Array.from(rows, (i) => seen.errors[i]! ** 2));
}

/** A standardised mean square as a root in the target's units; of a logarithm, at its mean. */
export function inUnits({ watched: { current } }: Situation, meanSquare: number): number {
  return Math.sqrt(meanSquare) * unitOf(current.model.preprocessing.target);
}

/** The decision to keep expert k, from which every other one starts. */
export function createDecision(
  { watched: { member } }: Situation,
  k: number,
  evidence: Evidence | null,
  nRows: number,
): Decision {
  return {
    member,
    expert: k,
    id: expertId(member, k),
    action: "keep",
    why: nRows === 0 ? "no new rows" : "its errors are what they were",
    evidence,
    nRows,
    rows: NO_ROWS,
    nEarlier: 0,
    staying: null,
    source: null,
    errorNow: null,
    errorExpected: null,
    cost: 0,
  };
}
