/** Members' answers to held-out rows, and the weights that follow from them. */
import type { Split } from "../../data/index.ts";
import {
  type FamilySettings,
  meanKernel,
  type Samples,
  tuneFamilies,
} from "../../experts/index.ts";
import { inLanes } from "../../shared/lanes.ts";
import { type Progress, sideBySide } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Executor, Run } from "../executor.ts";
import type { Member, Mixture } from "../model.ts";
import { predictMixture } from "../predict.ts";
import { countIndependent, foldsAtOnce, innerFolds, takeSamples, targetRange } from "../samples.ts";
import { fitKinds, type TunedCommittee } from "./kinds.ts";
import { type CommitteeOptions, type MemberKind, sizeFor } from "./options.ts";
import { simplexWeights } from "./simplex.ts";

export interface KindWeight {
  readonly kind: MemberKind;
  readonly weight: number;
}

/** Answers to samples by models that were fitted without them. */
export interface HeldOut {
  /** Ascending. */
  readonly rows: Int32Array;
  /** The fold that each of those rows was held out with. Same length. */
  readonly folds: Int32Array;
  /** Standardised targets. Shape (rows.length,). */
  readonly y: Float64Array;
  /** Standardised answers of each kind. Shapes (rows.length,). */
  readonly answers: ReadonlyMap<MemberKind, Float64Array>;
}

/** A kind of less weight is left out, and costs nothing. */
const LEAST_WEIGHT = 0.01;

/** The folds of these samples that are held out in turn. */
export function heldOutFolds(
  samples: Samples,
  seed: number,
  committee: CommitteeOptions,
): readonly Split[] {
  const nSamples = samples.y.length;
  const nFolds = Math.min(committee.folds, nSamples);
  const all = innerFolds(samples, { folds: nFolds, seed: childSeed(seed, "committee") });
  // With few groups, all folds are held out, for every number of rows.
  if (countIndependent(samples) < nSamples / 2) return all;
  return all.slice(0, sizeFor(nSamples, committee).heldOut);
}

/** Each of several folds tunes its kernel on at most this many rows: the cost is their cube. */
const FOLD_KERNEL_ROWS = 300;

/**
 * The settings for a fold. A Gaussian process has a length for every input, so its kernel is tuned
 * in the fold, without the held-out rows.
 */
function inFold(tuned: TunedCommittee, seen: Samples, { seed, nFolds }: Fold): TunedCommittee {
  if (!tuned.committee.families.includes("gp")) return tuned;
  const limits = nFolds > 1 ? { kernelRows: FOLD_KERNEL_ROWS } : {};
  const families = tuneFamilies(["gp"], seen, seed, limits);
  return { ...tuned, families: { ...tuned.families, ...families } };
}

interface Fold {
  readonly seed: number;
  readonly nFolds: number;
}

export interface AnsweredFolds {
  readonly heldOut: HeldOut;
  /** Of nets. */
  readonly cost: number;
  /** What the folds tuned, for members that are fitted on all samples. */
  readonly families: FamilySettings;
}

/** For each fold, members of each kind, trained on the other folds, with averaged answers. */
export async function answerHeldOut(
  samples: Samples,
  tuned: TunedCommittee,
  executor: Executor,
  progress: Progress,
): Promise<AnsweredFolds> {
  const seed = childSeed(tuned.options.seed, "committee");
  const folds = heldOutFolds(samples, tuned.options.seed, tuned.committee);
  const parts = sideBySide(progress, folds.length);
  const answered = await inLanes(folds, foldsAtOnce(samples.y.length), (split, f) => {
    const run = { executor, progress: parts[f]! };
    const fold = { tuned, seed: childSeed(seed, `fold ${f}`), nFolds: folds.length };
    return answerFold(samples, split, fold, run);
  });
  const heldOut = emptyHeldOut(
    samples,
    folds.map(({ test }) => test),
  );
  for (const [f, { answers }] of answered.entries()) {
    for (const [kind, values] of answers) heldOut.note(kind, folds[f]!.test, values);
  }
  const kernels = answered.flatMap(({ families: { gp } }) => gp ?? []);
  const families = kernels.length === 0 ? {} : { gp: meanKernel(kernels) };
  return { heldOut, cost: answered.reduce((sum, { cost }) => sum + cost, 0), families };
}

interface AnsweredFold extends Pick<AnsweredFolds, "cost" | "families"> {
  /** Each kind's averaged answers to the rows of the fold, in their order. */
  readonly answers: ReadonlyMap<MemberKind, Float64Array>;
}

async function answerFold(
  samples: Samples,
  { train, test }: Split,
  { tuned, ...fold }: Fold & { readonly tuned: TunedCommittee },
  run: Run,
): Promise<AnsweredFold> {
  const seen = takeSamples(samples, train);
  const unseen = takeSamples(samples, test);
  const size = tuned.committee.netsOfFold;
  const wanted = { size, seed: fold.seed, isWanted: () => true, rows: train };
  const inThisFold = inFold(tuned, seen, fold);
  const { mixtures, cost } = await fitKinds(seen, inThisFold, wanted, run);
  const range = targetRange(seen.y);
  const { engine } = run.executor;
  const answers = new Map<MemberKind, Float64Array>();
  for (const [kind, ofKind] of mixtures) {
    const said = ofKind.map((mixture) => predictMixture(engine, mixture, unseen.X, range).values);
    const share = said.length;
    answers.set(
      kind,
      Float64Array.from(test, (_, i) => said.reduce((sum, one) => sum + one[i]! / share, 0)),
    );
  }
  return { answers, cost, families: inThisFold.families };
}

/** Room for answers to the rows of these tests. */
function emptyHeldOut(
  { y }: Samples,
  tests: readonly Int32Array[],
): HeldOut & { note(kind: MemberKind, test: Int32Array, values: Float64Array): void } {
  const rows = Int32Array.from(tests.flatMap((test) => [...test])).sort();
  const place = new Map([...rows].map((i, r) => [i, r] as const));
  const folds = new Int32Array(rows.length);
  for (const [f, test] of tests.entries()) for (const i of test) folds[place.get(i)!] = f;
  const answers = new Map<MemberKind, Float64Array>();
  return {
    rows,
    folds,
    y: Float64Array.from(rows, (i) => y[i]!),
    answers,
    note(kind, test, values) {
      const sums = answers.get(kind) ?? new Float64Array(rows.length);
      answers.set(kind, sums);
      for (const [at, i] of test.entries()) sums[place.get(i)!] = values[at]!;
    },
  };
}

/** Weights of these kinds, by their held-out answers. */
export function weighKinds(
  { answers, y }: HeldOut,
  kinds: readonly MemberKind[],
): readonly KindWeight[] {
  const said = kinds.map((kind) => answers.get(kind)!);
  const weights = dropLight(simplexWeights(said, y));
  return kinds.map((kind, k) => ({ kind, weight: weights[k]! }));
}

function dropLight(weights: Float64Array): Float64Array {
  const kept = weights.map((weight) => (weight < LEAST_WEIGHT ? 0 : weight));
  const sum = kept.reduce((all, weight) => all + weight, 0);
  return kept.map((weight) => weight / sum);
}

/** Members with the weights of their kinds, shared evenly among a kind's. */
export function membersOf(
  weights: readonly KindWeight[],
  mixtures: ReadonlyMap<MemberKind, readonly Mixture[]>,
): readonly Member[] {
  return weights.flatMap(({ kind, weight }): readonly Member[] => {
    const ofKind = weight === 0 ? [] : mixtures.get(kind)!;
    return ofKind.map((mixture) => ({ weight: weight / ofKind.length, mixture }));
  });
}

/** The total weight of members with several experts. */
export function partitionedWeight(members: readonly Member[]): number {
  return members
    .filter(({ mixture }) => mixture.experts.length > 1)
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** The kinds' held-out answers, mixed by weight. Shape (rows.length,). */
export function mixHeldOut({ answers, y }: HeldOut, weights: readonly KindWeight[]): Float64Array {
  return Float64Array.from(y, (_, r) =>
    weights.reduce((sum, { kind, weight }) => sum + weight * answers.get(kind)![r]!, 0),
  );
}
