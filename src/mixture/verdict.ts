/**
 * Is partitioning worth it? A plain answer, computed the same way everywhere.
 *
 * Worth it means: at least 2 % lower squared error than the better of the single net and the
 * ensemble of equal cost, and p < .05 against that one. Undecided means: an error that much lower,
 * but p does not exclude chance. Over splits of a run the corrected resampled t test compares the
 * splits' means, and takes three splits; over the folds of a single fit it compares rows.
 */
import { correctedPairedTest, correctedRowTest, mean, type PairedTest } from "../metrics/index.ts";

export const MIN_REDUCTION = 0.02;
export const SIGNIFICANCE = 0.05;

/**
 * By what they claim, the least first. undecided: the error is lower, but too few rows or splits
 * were seen to exclude chance.
 */
export const VERDICTS = ["not worth it", "undecided", "worth it"] as const;

/** The share of losses, the largest, that are capped before rows are compared. */
const CAPPED_SHARE = 0.01;

/** The corrected test needs this many splits. */
const LEAST_SPLITS = 3;

export interface Verdict {
  readonly partitioning: (typeof VERDICTS)[number];
  /** One sentence with the figures. */
  readonly why: string;
}

const ONE_NET: Verdict = {
  partitioning: "not worth it",
  why: "on held-out rows one net predicted as well as every mixture, so the model is one net",
};

const NO_DIVIDER = "no member of the committee divides the rows";

/** Of a committee without a member that divides the rows. @param tried - Whether one was tried. */
export function undividedVerdict(tried: boolean): Verdict {
  return tried
    ? { partitioning: "not worth it", why: `${NO_DIVIDER}: regimes got no weight` }
    : { partitioning: "undecided", why: `${NO_DIVIDER}; the presets auto and regimes try it` };
}

/** Mean squared errors of matched splits, one entry a split. */
export interface MatchedLosses {
  readonly mixture: readonly number[];
  readonly single: readonly number[];
  readonly equalCost: readonly number[];
}

/** Squared errors of rows held out, one array a fold: matched between the three, row by row. */
export type RowLosses = Readonly<Record<keyof MatchedLosses, readonly Float64Array[]>>;

export interface HeldOutLosses extends RowLosses {
  /** The group of each row, in the same shape; null if rows have none. */
  readonly groups: readonly (readonly string[])[] | null;
}

/** The test rows behind the losses. */
export interface Grounds {
  /** nTest / nTrain of a split. */
  readonly testShare: number;
  /** The unit of one loss, in the plural; "splits" if not given. */
  readonly units?: string;
}

/** @param maxExperts - The most experts that any split's mixture has. */
export function judgePartitioning(
  losses: MatchedLosses,
  { maxExperts, ...grounds }: Grounds & { readonly maxExperts: number },
): Verdict {
  if (maxExperts === 1) return ONE_NET;
  const { partitioning, found } = compareLosses(losses, grounds);
  const nSplits = losses.mixture.length;
  const asked =
    partitioning === "undecided" && nSplits < LEAST_SPLITS
      ? `; to exclude chance takes ${LEAST_SPLITS} splits, got ${nSplits}`
      : ASKED;
  return { partitioning, why: `squared error ${found}${asked}` };
}

/**
 * The same for the folds of a single fit, where every row's losses are available. The reduction is
 * that of all squared errors; the test is on errors capped at the largest hundredth, row by row: a
 * few rows at a jump would otherwise be all that it sees.
 */
export function judgeHeldOut(
  { groups, ...losses }: HeldOutLosses,
  { maxExperts, testShare }: Grounds & { readonly maxExperts: number },
): Verdict {
  if (maxExperts === 1) return ONE_NET;
  const { mixture, single, equalCost } = losses;
  const meanOf = (folds: readonly Float64Array[]): number =>
    mean(folds.flatMap((fold) => [...fold]));
  const singleIsRival = meanOf(single) <= meanOf(equalCost);
  const rival = singleIsRival ? single : equalCost;
  const reduction = 1 - meanOf(mixture) / meanOf(rival);
  const [ours, theirs] = capTogether(mixture, rival);
  const test = correctedRowTest(ours, theirs, { testShare, clusters: groups });
  const isClear = test.p < SIGNIFICANCE && test.difference < 0;
  const nRows = mixture.reduce((sum, fold) => sum + fold.length, 0);
  const name = singleIsRival ? "a single net" : "an ensemble of equal cost";
  const found = describe(reduction, test, `than ${name} over ${nRows} held-out rows`);
  return { partitioning: answer(reduction, isClear), why: `squared error ${found}${ASKED}` };
}

/** Both with their losses capped at the same quantile of all of them. */
function capTogether(
  a: readonly Float64Array[],
  b: readonly Float64Array[],
): readonly [readonly Float64Array[], readonly Float64Array[]] {
  const all = Float64Array.from([...a, ...b].flatMap((fold) => [...fold])).sort();
  const cap = all[Math.floor((1 - CAPPED_SHARE) * all.length)] ?? Number.POSITIVE_INFINITY;
  const capped = (folds: readonly Float64Array[]): readonly Float64Array[] =>
    folds.map((fold) => fold.map((loss) => Math.min(loss, cap)));
  return [capped(a), capped(b)];
}

/** The gain of a committee from members that divide the rows. */
export interface PartOfMixtures {
  /** Their weight. */
  readonly weight: number;
  /** Held-out losses of the committee, and of one of the same kinds without them. Of one length. */
  readonly whole: readonly number[];
  readonly undivided: readonly number[];
}

/**
 * The same for a committee. If a committee without mixtures is as good, partitioning is not worth
 * it.
 *
 * @param losses - Those of the committee as `mixture`.
 */
export function judgeCommittee(
  losses: MatchedLosses,
  { mixtures, ...grounds }: Grounds & { readonly mixtures: PartOfMixtures },
): Verdict {
  const { partitioning: ofWhole, found } = compareLosses(losses, grounds);
  if (mixtures.weight === 0) {
    const whole = `without regimes its squared error is ${found}`;
    return { partitioning: "undecided", why: `${NO_DIVIDER}; ${whole}` };
  }
  const { whole, undivided } = mixtures;
  const reduction = 1 - mean(whole) / mean(undivided);
  const test = correctedPairedTest(whole, undivided, grounds.testShare);
  const ofMixtures = answer(reduction, test.p < SIGNIFICANCE);
  const share = Number(mixtures.weight.toPrecision(2));
  const gain = describe(reduction, test, "than a committee without mixtures");
  return {
    partitioning: weaker(ofWhole, ofMixtures),
    why:
      `the committee, of which mixtures weigh ${share}, has a squared error ${found}, and on ` +
      `held-out rows ${gain}${ASKED}`,
  };
}

function compareLosses(
  losses: MatchedLosses,
  { testShare, units = "splits" }: Grounds,
): Pick<Verdict, "partitioning"> & { readonly found: string } {
  const singleIsRival = mean(losses.single) <= mean(losses.equalCost);
  const rival = singleIsRival ? losses.single : losses.equalCost;
  const rivalName = singleIsRival ? "a single net" : "an ensemble of equal cost";
  const reduction = 1 - mean(losses.mixture) / mean(rival);
  const test = correctedPairedTest(losses.mixture, rival, testShare);
  const isClear = test.splits >= LEAST_SPLITS && test.p < SIGNIFICANCE;
  const rivalInWords = `than ${rivalName} over ${test.splits} ${units}`;
  const found = describe(reduction, test, rivalInWords);
  return { partitioning: answer(reduction, isClear), found };
}

/** @param isClear - Whether chance is excluded. */
function answer(reduction: number, isClear: boolean): Verdict["partitioning"] {
  if (!(reduction >= MIN_REDUCTION)) return "not worth it";
  return isClear ? "worth it" : "undecided";
}

/** The one that claims less. */
function weaker(
  one: Verdict["partitioning"],
  other: Verdict["partitioning"],
): Verdict["partitioning"] {
  return VERDICTS.indexOf(one) < VERDICTS.indexOf(other) ? one : other;
}

/** The condition for "worth it", as text. */
const ASKED = `; worth it takes ${100 * MIN_REDUCTION} % lower and p < ${SIGNIFICANCE}`;

function describe(reduction: number, { p }: PairedTest, rival: string): string {
  const percent = `${Math.abs(100 * reduction).toFixed(1)} %`;
  const direction = reduction >= 0 ? "lower" : "higher";
  return `${percent} ${direction} ${rival}, ${p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`}`;
}
