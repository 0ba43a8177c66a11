/**
 * A boundary chosen by its cost: each kind is fitted on folds and judged by the squared error of
 * held-out rows, blended as in use; the simplest within half a standard error of the best wins and
 * is fitted to all rows.
 *
 * Once a kind is within the tolerance of the boundary that sends each row to its best expert, no
 * other kind is tried, because none can be better than that boundary. A kind that loses the first
 * fold to a simpler one is not tried on the others. A kind without rivals sees one fold, which
 * chooses among its settings.
 */
import type { GateChoice } from "../../shared/choices.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { childSeed, createRng, shuffle } from "../../shared/rng.ts";
import type { Gate } from "../gate.ts";
import { chooseKind, type Judging, judgeKind } from "./judge.ts";
import { BOUNDARY_KINDS, type BoundaryKind, boundaryKinds, openWorkshop } from "./makers.ts";
import { type BoundaryProblem, describeProblem, type GateTrainer } from "./problem.ts";

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

/** The choices, so that other rows can be fitted in the same way. */
export interface BoundaryPlan {
  readonly kind: BoundaryKind;
  /** The numbers of the kind's setting and of its sharpness. */
  readonly setting: number;
  readonly sharpness: number;
  /** The features of a smooth boundary; null for a tree, which uses all. */
  readonly features: readonly number[] | null;
  /** The gamma of logistic machines; null if none was fitted. */
  readonly gamma: number | null;
}

export interface FittedBoundary extends BoundaryCandidate {
  readonly gate: Gate;
  readonly plan: BoundaryPlan;
  /** The kinds that were tried, the simplest first. */
  readonly candidates: readonly BoundaryCandidate[];
}

/** Rows that kinds are judged on. */
const MAX_JUDGED = 10_000;
/** Fewest rows that can be divided in folds. */
const MIN_ROWS = 10;

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
    const judging: Judging = { problem, rows: sample, trainer, isOnlyKind: kinds.length === 1 };
    const judged = [];
    for (const kind of kinds) {
      const best = await judgeKind(judging, workshop.makersOf(kind), judged);
      if (best === null) continue;
      judged.push(best);
      if (best.isUnbeatable) break;
    }
    const { maker, kind, heldOutLoss, setting, sharpness } = chooseKind(problem, judged);
    const gates = await maker.fit(rows, childSeed(problem.seed, "final"), "final");
    const candidates = judged.map((entry) => ({
      kind: entry.kind,
      heldOutLoss: entry.heldOutLoss,
    }));
    const features = kind === "tree" ? null : await workshop.features();
    const plan = { kind, setting, sharpness, features, gamma: workshop.gamma() };
    return { kind, heldOutLoss, gate: gates[sharpness]!, plan, candidates };
  } finally {
    await workshop.close();
  }
}

/**
 * A boundary with the choices of an earlier one, fitted to other rows without judging.
 *
 * @throws as `fitBoundary`.
 */
export async function refitBoundary(
  request: Omit<BoundaryRequest, "kinds">,
  { kind, setting, sharpness, features, gamma }: BoundaryPlan,
  trainer: GateTrainer,
): Promise<Gate> {
  const { problem, rows } = prepare(request);
  const workshop = openWorkshop(problem, rows, trainer, { features, gamma });
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

/** The requested kinds, in order of simplicity. */
function kindsOf(choice: BoundaryRequest["kinds"]): readonly BoundaryKind[] {
  const asked = typeof choice === "string" ? boundaryKinds(choice) : choice;
  const kinds = BOUNDARY_KINDS.filter((kind) => asked.includes(kind));
  if (kinds.length > 0) return kinds;
  const message = `kinds must name at least one of ${BOUNDARY_KINDS.join(", ")}`;
  throw new BailiwickError("INVALID_OPTION", message, { kinds: asked });
}
