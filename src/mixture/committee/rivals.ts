/**
 * The verdict of a committee: against one net and an ensemble of equal cost, each trained on the
 * same rows as the committee's members, and compared on the same held-out rows. Without a member
 * that divides the rows there is nothing to judge, and no rival is trained.
 *
 * With several folds, each fold gives one loss. With one fold (for many rows), each of its rows
 * gives one: this covers the chance in the rows, but only one training, and the verdict says so.
 */
import type { Split } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import { inLanes } from "../../shared/lanes.ts";
import { type Progress, sideBySide, silent } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import { rivalSize } from "../cross-validate.ts";
import { predictEnsemble, trainEnsemble } from "../ensemble.ts";
import type { Executor } from "../executor.ts";
import type { FitOptions } from "../options.ts";
import { foldsAtOnce, takeSamples, targetRange } from "../samples.ts";
import { judgeCommittee, type MatchedLosses, undividedVerdict, type Verdict } from "../verdict.ts";
import type { FittedCommittee } from "./committee.ts";
import { type HeldOut, partitionedWeight } from "./held-out.ts";
import { shapeOf } from "./networks.ts";

/** A committee with its answers to held-out rows. */
export interface Contest {
  readonly fitted: FittedCommittee;
  readonly folds: readonly Split[];
  readonly samples: Samples;
  /** Standardised. Shape (heldOut.rows.length,). */
  readonly heldOutAnswers: Float64Array;
  readonly undividedAnswers: Float64Array;
}

export async function judgeMembers(
  contest: Contest,
  options: FitOptions,
  executor: Executor,
  progress: Progress = silent,
): Promise<Verdict> {
  const { fitted, folds, heldOutAnswers, undividedAnswers: undivided } = contest;
  const { heldOut, members } = fitted;
  const weight = partitionedWeight(members);
  if (weight === 0) return undividedVerdict(heldOut.answers.has("regimes"));
  const rivals = await answerRivals(contest, options, executor, progress);
  const answers = { mixture: heldOutAnswers, undivided, ...rivals };
  const isOnce = folds.length === 1;
  const places = isOnce ? Array.from(heldOut.rows, (_, r) => [r]) : foldPlaces(heldOut, folds);
  const losses = lossesOf(answers, heldOut, places);
  const mixtures = { weight, whole: losses.mixture, undivided: losses.undivided };
  if (isOnce) {
    const units = "rows that were held out once";
    return judgeCommittee(losses, { testShare: 0, units, mixtures });
  }
  const testShare = mean(folds.map(({ train, test }) => test.length / train.length));
  return judgeCommittee(losses, { testShare, mixtures });
}

type Answers = Readonly<Record<keyof MatchedLosses | "undivided", Float64Array>>;

/** Answers to each held-out row by rivals that were trained on the other folds. */
async function answerRivals(
  { fitted, folds, samples }: Contest,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<Pick<Answers, "single" | "equalCost">> {
  const { heldOut, networks, cost } = fitted;
  const { hidden, activation, tuned } = networks[0]!;
  const { settings } = tuned;
  const shape = shapeOf(networks[0]!, samples.X.nColumns);
  const size = rivalSize(samples, cost, settings, { ...options, hidden, activation });
  const [single, equalCost] = [heldOut.y.slice(), heldOut.y.slice()];
  const places = foldPlaces(heldOut, folds);
  const parts = sideBySide(progress, folds.length);
  await inLanes(folds, foldsAtOnce(samples.y.length), async ({ train, test }, f) => {
    const seen = takeSamples(samples, train);
    const { X } = takeSamples(samples, test);
    const range = targetRange(seen.y);
    const seed = childSeed(options.seed, `rivals ${f}`);
    const { nets } = await trainEnsemble(seen, { shape, settings, size }, seed, executor);
    const [one, all] = [nets.slice(0, 1), nets].map((ensemble) =>
      predictEnsemble(executor.engine, ensemble, X, range),
    );
    places[f]!.forEach((r, t) => {
      single[r] = one![t]!;
      equalCost[r] = all![t]!;
    });
    parts[f]!(`verdict fold ${f + 1} of ${folds.length}`, 1);
  });
  return { single, equalCost };
}

/** For each fold, the positions of its test rows among the held-out rows. */
function foldPlaces({ rows }: HeldOut, folds: readonly Split[]): readonly (readonly number[])[] {
  const place = new Map(Array.from(rows, (i, r) => [i, r] as const));
  return folds.map(({ test }) => Array.from(test, (i) => place.get(i)!));
}

/**
 * Summed squared errors of each unit, over the mean size of one: their mean is that of the rows.
 */
function lossesOf(
  answers: Answers,
  { y }: HeldOut,
  units: readonly (readonly number[])[],
): MatchedLosses & { readonly undivided: readonly number[] } {
  const size = y.length / units.length;
  const losses = (values: Float64Array): readonly number[] =>
    units.map((unit) => unit.reduce((sum, r) => sum + (values[r]! - y[r]!) ** 2, 0) / size);
  return {
    mixture: losses(answers.mixture),
    undivided: losses(answers.undivided),
    single: losses(answers.single),
    equalCost: losses(answers.equalCost),
  };
}
