/**
 * Kinds of boundary held against one another on folds of the rows, raced: most kinds show on one
 * fold that they cannot win.
 */
import { takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import { gateScores } from "../scores.ts";
import type { BoundaryKind, BoundaryMaker } from "./makers.ts";
import { type BoundaryProblem, type GateTrainer, routedErrors } from "./problem.ts";

export interface Judging {
  readonly problem: BoundaryProblem;
  /** Rows that are held out in turn. */
  readonly rows: Int32Array;
  readonly trainer: GateTrainer;
  /** Then one fold is held out, to choose among settings. */
  readonly isOnlyKind: boolean;
}

/** A kind at its best setting and sharpness. */
export interface Judged {
  readonly kind: BoundaryKind;
  /** Mean squared error of held-out rows, standardised units. */
  readonly heldOutLoss: number;
  readonly maker: BoundaryMaker;
  /** Which of the kind's makers. */
  readonly setting: number;
  /** The number of the maker's gate. */
  readonly sharpness: number;
  /** Squared errors of the rows held out, fold by fold. */
  readonly losses: Float64Array;
  /** Whether no boundary could be better by more than the tolerance. */
  readonly isUnbeatable: boolean;
}

const FOLDS = 5;
/** Kinds are equally good within this many standard errors of their difference, … */
const TOLERATED_ERRORS = 0.5;
/** … or within this share of the noise. */
const TOLERATED_NOISE = 0.1;
/** A kind's first setting stays unless another is better by this many standard errors. */
const SETTING_ERRORS = 1;
/** A kind whose first setting loses the first fold by this many standard errors tries no other. */
const HOPELESS_ERRORS = 3;

interface Fold {
  readonly train: Int32Array;
  readonly held: Int32Array;
  readonly seed: number;
}

/** Squared errors of the rows held out, for each of the maker's gates. */
type FoldLosses = readonly Float64Array[];

interface Tried {
  readonly setting: number;
  readonly maker: BoundaryMaker;
  /** Of the first fold. */
  readonly losses: FoldLosses;
  readonly best: Float64Array;
}

/**
 * Settings are compared on the first fold: the kind's first one and, if better, the best one go on
 * to the others. null if the kind cannot be fitted, or loses the first fold to a simpler one.
 *
 * @param simpler - What was judged before.
 */
export async function judgeKind(
  judging: Judging,
  makers: readonly BoundaryMaker[],
  simpler: readonly Judged[],
): Promise<Judged | null> {
  const { problem, rows, isOnlyKind } = judging;
  const [first, ...rest] = foldsOf(rows, childSeed(problem.seed, "folds"));
  const others = isOnlyKind ? [] : rest;
  const rival = simpler.length === 0 ? null : leastLoss(simpler).losses;
  const losesBy = (losses: Float64Array, errors: number): boolean =>
    rival !== null && isWorse(losses, rival.subarray(0, losses.length), errors);

  const tried: Tried[] = [];
  for (const [setting, maker] of makers.entries()) {
    const losses = await foldLosses(judging, first!, maker);
    if (losses.length === 0) continue;
    const best = losses.reduce((a, b) => (mean(b) < mean(a) ? b : a));
    tried.push({ setting, maker, losses, best });
    if (losesBy(best, HOPELESS_ERRORS)) break;
  }
  if (tried.length === 0) return null;
  const best = tried.reduce((a, b) => (mean(b.best) < mean(a.best) ? b : a));
  if (losesBy(best.best, 0)) return null;
  const finalists = best === tried[0]! ? [best] : [tried[0]!, best];

  const bound = Float64Array.from(
    [first!, ...others].flatMap(({ held }) => [...held]),
    (i) => bestPossible(problem, i),
  );
  const judged: Judged[] = [];
  for (const { setting, maker, losses } of finalists) {
    const all = [losses];
    for (const fold of others) all.push(await foldLosses(judging, fold, maker));
    const sharp = sharpest(all);
    const isUnbeatable = isWithin(problem, sharp.losses, bound);
    judged.push({ kind: maker.kind, setting, maker, isUnbeatable, ...sharp });
  }
  const [usual, better = usual!] = judged;
  return isWorse(usual!.losses, better.losses, SETTING_ERRORS) ? better : usual!;
}

/** The simplest within the tolerance of the best. @param judged - The simplest first. */
export function chooseKind(problem: BoundaryProblem, judged: readonly Judged[]): Judged {
  const best = leastLoss(judged);
  return judged.find(({ losses }) => isWithin(problem, losses, best.losses))!;
}

function leastLoss(judged: readonly Judged[]): Judged {
  return judged.reduce((a, b) => (b.heldOutLoss < a.heldOutLoss ? b : a));
}

/** Squared error of a row if it went to its best expert. */
function bestPossible({ errors, labels, nExperts }: BoundaryProblem, i: number): number {
  return errors[i * nExperts + labels[i]!]! ** 2;
}

/** The sharpness of least loss over all folds. @param losses - One a fold. */
function sharpest(
  losses: readonly FoldLosses[],
): Pick<Judged, "sharpness" | "losses" | "heldOutLoss"> {
  const joined = losses[0]!.map((_, sharpness) =>
    Float64Array.from(losses.flatMap((fold) => [...fold[sharpness]!])),
  );
  const means = joined.map(mean);
  const sharpness = means.indexOf(Math.min(...means));
  return { sharpness, losses: joined[sharpness]!, heldOutLoss: means[sharpness]! };
}

function foldsOf(rows: Int32Array, seed: number): readonly Fold[] {
  const order = Int32Array.from(rows.keys());
  shuffle(order, createRng(seed));
  const foldOf = new Uint8Array(rows.length);
  order.forEach((place, at) => {
    foldOf[place] = at % FOLDS;
  });
  return Array.from({ length: FOLDS }, (_, fold) => ({
    train: rows.filter((_row, place) => foldOf[place] !== fold),
    held: rows.filter((_row, place) => foldOf[place] === fold),
    seed: childSeed(seed, `fold ${fold}`),
  }));
}

async function foldLosses(
  { problem, trainer }: Judging,
  { train, held, seed }: Fold,
  maker: BoundaryMaker,
): Promise<FoldLosses> {
  const gates = await maker.fit(train, seed, "trial");
  const X = takeRows(problem.X, held);
  return gates.map((gate) => routedErrors(problem, held, gateScores(trainer.engine, gate, X)));
}

/** Whether losses are as good as others: within half a standard error, or a tenth of the noise. */
function isWithin(
  { variance }: BoundaryProblem,
  losses: Float64Array,
  others: Float64Array,
): boolean {
  const { average, error } = compareLosses(losses, others);
  return average <= Math.max(TOLERATED_ERRORS * error, TOLERATED_NOISE * variance);
}

function isWorse(losses: Float64Array, others: Float64Array, errors: number): boolean {
  const { average, error } = compareLosses(losses, others);
  return average > errors * error;
}

/** The mean difference and its standard error. */
function compareLosses(
  losses: Float64Array,
  others: Float64Array,
): { readonly average: number; readonly error: number } {
  const differences = losses.map((loss, place) => loss - others[place]!);
  const average = mean(differences);
  const squares = differences.reduce((sum, value) => sum + (value - average) ** 2, 0);
  return { average, error: Math.sqrt(squares) / differences.length };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
