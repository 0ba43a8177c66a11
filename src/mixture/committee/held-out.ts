/**
 * What a committee is worth on rows that none of its parts had seen: the answers are those of
 * members fitted on other folds, and the weights are fitted on other folds' answers.
 */
import { kFold, type Split } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import { childSeed } from "../../shared/rng.ts";
import { innerFolds } from "../samples.ts";
import {
  type CommitteeOptions,
  type HeldOut,
  type KindWeight,
  type MemberKind,
  mixHeldOut,
  weighKinds,
} from "./committee.ts";

/** Parts of held-out rows whose weights come from the other parts, where one fold was held out. */
const PARTS = 5;

/** The folds that `fitCommittee` holds out of these samples, in its order. */
export function heldOutFolds(
  samples: Samples,
  seed: number,
  { folds, foldsBeyond, fewerBeyond }: CommitteeOptions,
): readonly Split[] {
  const nSamples = samples.y.length;
  const own = { folds: Math.min(folds, nSamples), seed: childSeed(seed, "committee") };
  const all = innerFolds(samples, own);
  return nSamples > fewerBeyond ? all.slice(0, foldsBeyond) : all;
}

/** Standardised answers of the committee to the held-out rows. Shape (rows.length,). */
export function answerHeldOut(
  heldOut: HeldOut,
  folds: readonly Split[],
  seed: number,
): Float64Array {
  const values = new Float64Array(heldOut.rows.length);
  const kinds = [...heldOut.answers.keys()];
  for (const part of partsOf(heldOut, folds, seed)) {
    const own = new Set(part);
    const others = Int32Array.from(values.keys()).filter((r) => !own.has(r));
    const weights = weighKinds(takeHeldOut(heldOut, others), kinds);
    const mixed = mixHeldOut(takeHeldOut(heldOut, part), weights);
    part.forEach((r, place) => {
      values[r] = mixed[place]!;
    });
  }
  return values;
}

/** Places among the held-out rows, each in one part: those of a fold, or of one fold's fifths. */
function partsOf(
  { rows }: HeldOut,
  folds: readonly Split[],
  seed: number,
): readonly (readonly number[])[] {
  if (folds.length === 1) {
    const parts = Math.min(PARTS, rows.length);
    return kFold(rows.length, { folds: parts, seed }).map(({ test }) => [...test]);
  }
  const place = new Map(Array.from(rows, (i, r) => [i, r] as const));
  return folds.map(({ test }) => Array.from(test, (i) => place.get(i)!));
}

function takeHeldOut({ rows, y, answers }: HeldOut, places: ArrayLike<number>): HeldOut {
  const take = (own: Float64Array): Float64Array => Float64Array.from(places, (r) => own[r]!);
  return {
    rows: Int32Array.from(places, (r) => rows[r]!),
    y: take(y),
    answers: new Map([...answers].map(([kind, own]) => [kind, take(own)] as const)),
  };
}

export interface KindReport extends KindWeight {
  /** Of the kind alone on held-out rows, in the target's units. */
  readonly heldOutMse: number;
}

/** @param scale - Of the target. */
export function reportKinds(
  { answers, y }: HeldOut,
  weights: readonly KindWeight[],
  scale: number,
): readonly KindReport[] {
  const losses = (kind: MemberKind): Float64Array =>
    answers.get(kind)!.map((value, r) => (value - y[r]!) ** 2);
  return weights.map((own) => ({ ...own, heldOutMse: scale ** 2 * mean(losses(own.kind)) }));
}
