/**
 * A boundary chosen by what it costs: each kind is fitted on folds and judged by the squared error
 * of rows held out, blended as in use; the simplest within half a standard error of the best wins
 * and is fitted to all rows.
 *
 * Once the worst that a kind can lose to any other is within the tolerance, no other is tried: no
 * boundary beats the one that sends each row to its best expert.
 */
import { BailiwickError } from "../../shared/errors.ts";
import { takeRows } from "../../shared/matrix.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Gate } from "../gate.ts";
import { gateScores } from "../scores.ts";
import {
  BOUNDARY_KINDS,
  type BoundaryKind,
  type BoundaryMaker,
  boundaryKinds,
  type GateChoice,
  openWorkshop,
} from "./makers.ts";
import {
  type BoundaryProblem,
  describeProblem,
  type GateTrainer,
  routedErrors,
} from "./problem.ts";

export interface BoundaryRequest
  extends Pick<BoundaryProblem, "X" | "errors" | "variance" | "seed"> {
  /** The kinds to choose among. */
  readonly kinds: GateChoice | readonly BoundaryKind[];
  /** The rows fitted to, ascending; all if not given. Rows left out may be outliers. */
  readonly rows?: Int32Array;
}

export interface BoundaryCandidate {
  readonly kind: BoundaryKind;
  /** Mean squared error of held-out rows, standardised units. */
  readonly heldOutLoss: number;
}

/** What was chosen, so that other rows can be fitted in the same way. */
export interface BoundaryPlan {
  readonly kind: BoundaryKind;
  /** Which of the kind's settings, and which of its sharpnesses. */
  readonly setting: number;
  readonly sharpness: number;
  /** Of smooth boundaries, the features that matter; null for a tree, which sees all. */
  readonly features: readonly number[] | null;
}

export interface FittedBoundary extends BoundaryCandidate {
  readonly gate: Gate;
  readonly plan: BoundaryPlan;
  /** Those tried, the simplest first; one that was not needed is missing. */
  readonly candidates: readonly BoundaryCandidate[];
}

const FOLDS = 5;
/** Kinds are equally good within so many standard errors of their difference, … */
const TOLERATED_ERRORS = 0.5;
/** … or within this share of the noise. */
const TOLERATED_NOISE = 0.1;
/** Rows that kinds are judged on. */
const MAX_JUDGED = 10_000;
/** Settings that are judged on all folds. */
const MAX_FINALISTS = 2;
/** Fewest rows that can be divided in folds. */
const MIN_ROWS = 10;

interface Judged extends BoundaryCandidate {
  readonly maker: BoundaryMaker;
  readonly setting: number;
  /** Which of the maker's gates. */
  readonly sharpness: number;
  /** Squared errors of the rows held out, in the rows' order. */
  readonly losses: Float64Array;
}

/**
 * The same request gives the same gate, bit for bit.
 *
 * @throws SHAPE_MISMATCH, VALUE_NOT_FINITE or INVALID_OPTION; TOO_FEW_ROWS for fewer than 10 rows.
 */
export async function fitBoundary(
  request: BoundaryRequest,
  trainer: GateTrainer,
): Promise<FittedBoundary> {
  const { problem, rows } = prepare(request);
  const kinds = kindsOf(request.kinds);
  const sample = sampleOf(rows, childSeed(problem.seed, "judged rows"));
  const workshop = openWorkshop(problem, sample, trainer);
  try {
    const judged: Judged[] = [];
    const bound = bestPossible(problem, sample);
    for (const kind of kinds) {
      const best = await judgeKind(problem, sample, workshop.makersOf(kind), trainer);
      if (best === null) continue;
      judged.push(best);
      if (isWithin(problem, best.losses, bound)) break;
    }
    const { maker, kind, heldOutLoss, setting, sharpness } = simplest(problem, judged);
    const gates = await maker.fit(rows, childSeed(problem.seed, "final"), "final");
    const candidates = judged.map((own) => ({ kind: own.kind, heldOutLoss: own.heldOutLoss }));
    const features = kind === "tree" ? null : await workshop.features();
    const plan = { kind, setting, sharpness, features };
    return { kind, heldOutLoss, gate: gates[sharpness]!, plan, candidates };
  } finally {
    await workshop.close();
  }
}

/**
 * A boundary as an earlier one was chosen, fitted to other rows; nothing is judged.
 *
 * @throws as `fitBoundary`.
 */
export async function refitBoundary(
  request: Omit<BoundaryRequest, "kinds">,
  { kind, setting, sharpness, features }: BoundaryPlan,
  trainer: GateTrainer,
): Promise<Gate> {
  const { problem, rows } = prepare(request);
  const workshop = openWorkshop(problem, rows, trainer, features);
  try {
    const maker = workshop.makersOf(kind)[setting]!;
    const gates = await maker.fit(rows, childSeed(problem.seed, "final"), "final");
    return gates[sharpness]!;
  } finally {
    await workshop.close();
  }
}

function prepare(request: Omit<BoundaryRequest, "kinds">): {
  readonly problem: BoundaryProblem;
  readonly rows: Int32Array;
} {
  const problem = describeProblem(request);
  const rows = request.rows ?? Int32Array.from({ length: problem.X.nRows }, (_, i) => i);
  if (rows.length >= MIN_ROWS) return { problem, rows };
  const message = `a boundary must be fitted to at least ${MIN_ROWS} rows, got ${rows.length}`;
  throw new BailiwickError("TOO_FEW_ROWS", message, { nRows: rows.length });
}

/** At most MAX_JUDGED of the rows, drawn at random, ascending. */
function sampleOf(rows: Int32Array, seed: number): Int32Array {
  if (rows.length <= MAX_JUDGED) return rows;
  const order = rows.slice();
  shuffle(order, createRng(seed));
  return order.subarray(0, MAX_JUDGED).sort();
}

/** The kinds that are asked for, in order of simplicity. */
function kindsOf(choice: BoundaryRequest["kinds"]): readonly BoundaryKind[] {
  const asked = typeof choice === "string" ? boundaryKinds(choice) : choice;
  const kinds = BOUNDARY_KINDS.filter((kind) => asked.includes(kind));
  if (kinds.length > 0) return kinds;
  const message = `kinds must name at least one of ${BOUNDARY_KINDS.join(", ")}`;
  throw new BailiwickError("INVALID_OPTION", message, { kinds: asked });
}

/** Squared errors of the rows if each went to its best expert. */
function bestPossible({ errors, labels, nExperts }: BoundaryProblem, rows: Int32Array) {
  return Float64Array.from(rows, (i) => errors[i * nExperts + labels[i]!]! ** 2);
}

/**
 * Held-out losses of one kind, at its best setting and sharpness; null if it cannot be fitted.
 * Settings are compared on the first fold, and the best of them go on to the others.
 */
async function judgeKind(
  problem: BoundaryProblem,
  rows: Int32Array,
  makers: readonly BoundaryMaker[],
  trainer: GateTrainer,
): Promise<Judged | null> {
  const [first, ...others] = foldsOf(rows, childSeed(problem.seed, "folds"));
  const tried: { setting: number; maker: BoundaryMaker; losses: FoldLosses; loss: number }[] = [];
  for (const [setting, maker] of makers.entries()) {
    const losses = await foldLosses(problem, first!, maker, trainer);
    if (losses.length === 0) continue;
    tried.push({ setting, maker, losses, loss: Math.min(...losses.map(mean)) });
  }
  let best: Judged | null = null;
  tried.sort((a, b) => a.loss - b.loss);
  for (const { setting, maker, losses } of tried.slice(0, MAX_FINALISTS)) {
    const all = [losses];
    for (const fold of others) all.push(await foldLosses(problem, fold, maker, trainer));
    const judged = { setting, maker, ...sharpest(rows, [first!, ...others], all) };
    if (best === null || judged.heldOutLoss < best.heldOutLoss) {
      best = { kind: maker.kind, ...judged };
    }
  }
  return best;
}

/** The sharpness of least loss over all folds, with the loss of each row. */
function sharpest(
  rows: Int32Array,
  folds: readonly Fold[],
  losses: readonly FoldLosses[],
): Pick<Judged, "sharpness" | "losses" | "heldOutLoss"> {
  const ofRow = losses[0]!.map((_, sharpness) => {
    const all = new Map<number, number>();
    folds.forEach(({ held }, f) => {
      held.forEach((i, place) => {
        all.set(i, losses[f]![sharpness]![place]!);
      });
    });
    return Float64Array.from(rows, (i) => all.get(i)!);
  });
  const means = ofRow.map(mean);
  const sharpness = means.indexOf(Math.min(...means));
  return { sharpness, losses: ofRow[sharpness]!, heldOutLoss: means[sharpness]! };
}

interface Fold {
  readonly train: Int32Array;
  readonly held: Int32Array;
  readonly seed: number;
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

/** Squared errors of the rows held out, for each of the maker's gates. */
type FoldLosses = readonly Float64Array[];

async function foldLosses(
  problem: BoundaryProblem,
  { train, held, seed }: Fold,
  maker: BoundaryMaker,
  { engine }: GateTrainer,
): Promise<FoldLosses> {
  const gates = await maker.fit(train, seed, "trial");
  const X = takeRows(problem.X, held);
  return gates.map((gate) => routedErrors(problem, held, gateScores(engine, gate, X)));
}

function simplest(problem: BoundaryProblem, judged: readonly Judged[]): Judged {
  const best = judged.reduce((a, b) => (b.heldOutLoss < a.heldOutLoss ? b : a));
  return judged.find(({ losses }) => isWithin(problem, losses, best.losses))!;
}

/** Whether losses are as good as others: within half a standard error, or a tenth of the noise. */
function isWithin(
  { variance }: BoundaryProblem,
  losses: Float64Array,
  others: Float64Array,
): boolean {
  const differences = losses.map((loss, place) => loss - others[place]!);
  const average = mean(differences);
  const squares = differences.reduce((sum, value) => sum + (value - average) ** 2, 0);
  const error = Math.sqrt(squares) / differences.length;
  return average <= Math.max(TOLERATED_ERRORS * error, TOLERATED_NOISE * variance);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
