/** What fits of either kind leave to expect errors by, in one form. */
import { errorsInUnits, type Split, type TargetScale } from "../../data/index.ts";
import type { Samples } from "../../experts/index.ts";
import { mean } from "../../metrics/index.ts";
import { childSeed } from "../../shared/rng.ts";
import { count } from "../../shared/wording.ts";
import { type Choice, chooseCandidate } from "../choose.ts";
import { type HeldOut, type KindWeight, mixHeldOut } from "../committee/held-out.ts";
import type { FittedMixture } from "../fitted.ts";
import type { FitOptions } from "../options.ts";
import { countIndependent, innerFolds, takeSamples } from "../samples.ts";
import type { Evidence, Standing } from "./expectation.ts";

/** Parts of the held-out rows: which candidate answers for one is chosen on the others. */
const PARTS = 5;

/** What a committee answered to rows that it was held from. */
interface AnsweredFolds {
  readonly heldOut: HeldOut;
  /** Standardised, by weights that were fitted on other folds. Shape (heldOut.rows.length,). */
  readonly heldOutAnswers: Float64Array;
  readonly folds: readonly Split[];
  readonly members: readonly Pick<KindWeight, "kind">[];
  /** Every kind that was tried, its error in the target's units. */
  readonly kinds: readonly (KindWeight & { readonly heldOutMse: number })[];
}

/** The evidence of a committee: its answers by weights that were fitted on other folds. */
export function committeeEvidence({
  heldOut,
  heldOutAnswers,
  folds,
  members,
  kinds,
}: AnsweredFolds): Evidence {
  const place = new Map(Array.from(heldOut.rows, (i, r) => [i, r] as const));
  const rows = testRows(folds);
  const leaderboard = kinds.map(({ kind, weight, heldOutMse }): Standing => {
    const nMembers = members.filter((member) => member.kind === kind).length;
    return { kind, rmse: Math.sqrt(heldOutMse), weight, nMembers };
  });
  const leastOf = (isOf: (kind: string) => boolean): number | null =>
    least(leaderboard.filter(({ kind }) => isOf(kind)));
  const values = Float64Array.from(rows, (i) => heldOutAnswers[place.get(i)!]!);
  return {
    answers: { rows, values, splits: folds },
    rivals: {
      net: leastOf((kind) => kind.startsWith("net.")),
      trees: leastOf((kind) => kind === "trees" || kind === "forest"),
    },
    leaderboard,
    gain: gainOf(heldOut, kinds),
  };
}

/**
 * Of the kinds' disagreement, this share of the squared error goes where each kind has learnt from
 * all rows and has several members; fitted on training rows of 13 sets (docs/adr/0063).
 */
const SHARE_OF_DISAGREEMENT = 0.7;

/**
 * Where kinds disagree, their errors are of chance in rows and starts, which more rows and members
 * lessen; where they err alike, it is noise. Disagreement is the weighted mean square of a kind's
 * distance from the committee (Krogh & Vedelsby 1995).
 */
function gainOf(heldOut: HeldOut, kinds: readonly KindWeight[]): number {
  const mixed = mixHeldOut(heldOut, kinds);
  const square = (a: Float64Array, b: Float64Array): number =>
    mean(a.map((value, r) => (value - b[r]!) ** 2));
  const error = square(mixed, heldOut.y);
  if (error === 0) return 1;
  const spread = kinds.reduce((sum, { kind, weight }) => {
    return weight === 0 ? sum : sum + weight * square(heldOut.answers.get(kind)!, mixed);
  }, 0);
  return 1 - SHARE_OF_DISAGREEMENT * Math.min(1, spread / error);
}

function least(standings: readonly Standing[]): number | null {
  return standings.length === 0 ? null : Math.min(...standings.map(({ rmse }) => rmse));
}

/** The evidence of one mixture: each row is answered by the candidate that won on other rows. */
export function mixtureEvidence(
  { choice }: Pick<FittedMixture, "choice">,
  samples: Samples,
  options: FitOptions,
  target: TargetScale,
): Evidence {
  const { candidates, nExperts, heldOut, splits, errors } = choice;
  const { rows } = heldOut;
  const chosen = crossChosen(choice, samples, options);
  const truths = Float64Array.from(rows, (i) => samples.y[i]!);
  const leaderboard = candidates.map(({ nExperts: tried }, c): Standing => {
    const answers = errors[c]!.map((error, r) => truths[r]! + error);
    const inUnits = errorsInUnits(answers, truths, target);
    const rmse = Math.sqrt(mean(inUnits.map((error) => error ** 2)));
    const isModel = tried === nExperts;
    const kind = tried === 1 ? "single net" : count(tried, "expert");
    return { kind, rmse, weight: isModel ? 1 : 0, nMembers: isModel ? 1 : 0 };
  });
  const single = candidates.findIndex(({ nExperts: tried }) => tried === 1);
  return {
    answers: { rows, values: chosen.map((error, r) => truths[r]! + error), splits },
    rivals: { net: leaderboard[single]?.rmse ?? null, trees: null },
    leaderboard,
  };
}

/** Errors on the held-out rows, each of the candidate that is chosen without the row's part. */
function crossChosen(
  { errors, heldOut, candidates }: Choice,
  samples: Samples,
  options: FitOptions,
): Float64Array {
  const { rows } = heldOut;
  const sizes = candidates.map(({ nExperts }) => nExperts);
  const distinct = takeSamples(samples, Int32Array.from(new Set(rows)));
  // Where one group is held out there is no other part to choose on.
  if (countIndependent(distinct) < 2) return heldOut.errors;
  const partOf = partsOf(rows, samples, options.seed);
  const values = new Float64Array(rows.length);
  for (const part of new Set(partOf.values())) {
    const others = Array.from(rows.keys()).filter((r) => partOf.get(rows[r]!) !== part);
    const onOthers = errors.map((of) => Float64Array.from(others, (r) => of[r]!));
    const chosen = chooseCandidate(
      { sizes, errors: onOthers, rows: Int32Array.from(others, (r) => rows[r]!) },
      options,
    );
    rows.forEach((i, r) => {
      if (partOf.get(i) === part) values[r] = errors[chosen]![r]!;
    });
  }
  return values;
}

/** The part of each row that was held out; groups are whole in one part. */
function partsOf(rows: Int32Array, samples: Samples, seed: number): ReadonlyMap<number, number> {
  const distinct = Int32Array.from(new Set(rows)).sort();
  const folds = innerFolds(takeSamples(samples, distinct), {
    folds: Math.min(PARTS, distinct.length),
    seed: childSeed(seed, "expectation"),
  });
  return new Map(folds.flatMap(({ test }, f) => [...test].map((r) => [distinct[r]!, f] as const)));
}

function testRows(splits: readonly Split[]): Int32Array {
  return Int32Array.from(splits.flatMap(({ test }) => [...test]));
}
