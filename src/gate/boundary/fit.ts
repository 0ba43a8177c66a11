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
  createMaker,
  featuresOnce,
} from "./makers.ts";
import {
  type BoundaryProblem,
  describeProblem,
  type GateTrainer,
  routedErrors,
} from "./problem.ts";

export interface BoundaryRequest
  extends Pick<BoundaryProblem, "X" | "errors" | "variance" | "seed"> {
  /** The kinds to choose among; "auto" is all. */
  readonly kinds: "auto" | readonly BoundaryKind[];
  /** The rows fitted to, ascending; all if not given. Rows left out may be outliers. */
  readonly rows?: Int32Array;
}

export interface BoundaryCandidate {
  readonly kind: BoundaryKind;
  /** Mean squared error of held-out rows, standardised units. */
  readonly heldOutLoss: number;
}

export interface FittedBoundary extends BoundaryCandidate {
  readonly gate: Gate;
  /** Those tried, the simplest first; one that was not needed is missing. */
  readonly candidates: readonly BoundaryCandidate[];
}

const FOLDS = 5;
/** Kinds are equally good within so many standard errors of their difference, … */
const TOLERATED_ERRORS = 0.5;
/** … or within this share of the noise. */
const TOLERATED_NOISE = 0.1;
/** Fewest rows that can be divided in folds. */
const MIN_ROWS = 10;

interface Judged extends BoundaryCandidate {
  readonly maker: BoundaryMaker;
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
  const problem = describeProblem(request);
  const rows = request.rows ?? Int32Array.from({ length: problem.X.nRows }, (_, i) => i);
  if (rows.length < MIN_ROWS) {
    const message = `a boundary must be fitted to at least ${MIN_ROWS} rows, got ${rows.length}`;
    throw new BailiwickError("TOO_FEW_ROWS", message, { nRows: rows.length });
  }
  const features = featuresOnce(problem, rows, trainer);
  const wanted = request.kinds === "auto" ? BOUNDARY_KINDS : request.kinds;
  const kinds = BOUNDARY_KINDS.filter((kind) => wanted.includes(kind));
  if (kinds.length === 0) {
    const message = `kinds must name at least one of ${BOUNDARY_KINDS.join(", ")}`;
    throw new BailiwickError("INVALID_OPTION", message, { kinds: wanted });
  }
  const judged: Judged[] = [];
  const bound = bestPossible(problem, rows);
  for (const kind of kinds) {
    const maker = createMaker(kind, problem, features, trainer);
    judged.push(await judge(problem, rows, maker, trainer));
    if (isWithin(problem, judged.at(-1)!.losses, bound)) break;
  }
  const { maker, kind, heldOutLoss, sharpness } = simplest(problem, judged);
  const gates = await maker.fit(rows, { seed: childSeed(problem.seed, "final"), final: true });
  const candidates = judged.map((own) => ({ kind: own.kind, heldOutLoss: own.heldOutLoss }));
  return { kind, heldOutLoss, gate: gates[sharpness]!, candidates };
}

/** Squared errors of the rows if each went to its best expert. */
function bestPossible({ errors, labels, nExperts }: BoundaryProblem, rows: Int32Array) {
  return Float64Array.from(rows, (i) => errors[i * nExperts + labels[i]!]! ** 2);
}

/** Held-out losses of one kind, at its best sharpness. */
async function judge(
  problem: BoundaryProblem,
  rows: Int32Array,
  maker: BoundaryMaker,
  { engine }: GateTrainer,
): Promise<Judged> {
  const order = Int32Array.from(rows.keys());
  shuffle(order, createRng(childSeed(problem.seed, "folds")));
  const losses: Float64Array[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const places = order.filter((_, p) => p % FOLDS === fold).sort();
    const held = places.map((place) => rows[place]!);
    const inFold = new Set(places);
    const train = rows.filter((_, place) => !inFold.has(place));
    const seed = childSeed(problem.seed, `fold ${fold}`);
    const X = takeRows(problem.X, held);
    (await maker.fit(train, { seed, final: false })).forEach((gate, g) => {
      const own = routedErrors(problem, held, gateScores(engine, gate, X));
      const all = losses[g] ?? new Float64Array(rows.length);
      losses[g] = all;
      places.forEach((place, q) => {
        all[place] = own[q]!;
      });
    });
  }
  const means = losses.map(mean);
  const sharpness = means.indexOf(Math.min(...means));
  return {
    kind: maker.kind,
    maker,
    sharpness,
    losses: losses[sharpness]!,
    heldOutLoss: means[sharpness]!,
  };
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
