/**
 * From rows to predictions by experts that are elsewhere.
 *
 * The gate is here: rows are routed, cut by expert, and sent out all at once. With every expert
 * there, the bits are those of a prediction in one process. If one cannot answer it is masked: its
 * rows are routed among the others as if the gate did not know it, and the answer says so.
 */
import type { Bundle } from "../../bundle/index.ts";
import type { Engine } from "../../experts/index.ts";
import { topExperts } from "../../gate/index.ts";
import {
  combineMembers,
  type Mixture,
  type MixtureAnswers,
  type Prediction,
  type Range,
  type Route,
  recombine,
  routeRows,
  rowsAsked,
  standardRange,
} from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { type Matrix, takeRows } from "../../shared/matrix.ts";

export interface RemotePrediction extends Prediction {
  /** True if an expert could not answer and others stood in for it. */
  readonly degraded: boolean;
}

/** Asks expert k of member m. @throws EXPERT_UNAVAILABLE */
export type AskExpert = (m: number, k: number, X: Matrix) => Promise<Float32Array>;

/** @throws EXPERT_UNAVAILABLE if for some row no expert of any member can answer. */
export async function predictRemotely(
  engine: Engine,
  { model }: Bundle,
  X: Matrix,
  ask: AskExpert,
): Promise<RemotePrediction> {
  const range = standardRange(model.preprocessing.target);
  const outcomes = await Promise.all(
    model.members.map(async ({ mixture }, m): Promise<Masked | BailiwickError> => {
      const route = routeRows(engine, mixture, X);
      const askOwn = (k: number, rows: Matrix): Promise<Float32Array> => ask(m, k, rows);
      try {
        return await predictMasked({ mixture, X, route, range, masked: new Set() }, askOwn);
      } catch (error) {
        if (isUnavailable(error)) return error;
        throw error;
      }
    }),
  );
  const failed = outcomes.find((outcome) => outcome instanceof BailiwickError);
  const answering = outcomes.filter((outcome) => !(outcome instanceof BailiwickError)) as Masked[];
  if (answering.length === 0) throw failed;
  if (failed === undefined) {
    const degraded = answering.some((own) => own.degraded);
    return { ...combineMembers(model, answering, X.nRows), degraded };
  }
  return { ...combineMembers(...withoutFailed(model, outcomes, X.nRows)), degraded: true };
}

/** Members that cannot answer weigh nothing, the others as much more. */
function withoutFailed(
  model: Bundle["model"],
  outcomes: readonly (Masked | BailiwickError)[],
  nRows: number,
): Parameters<typeof combineMembers> {
  const isThere = (m: number): boolean => !(outcomes[m] instanceof BailiwickError);
  const weight = model.members.reduce((sum, own, m) => sum + (isThere(m) ? own.weight : 0), 0);
  const members = model.members.map((own, m) => ({
    ...own,
    weight: isThere(m) ? own.weight / weight : 0,
  }));
  const answers = outcomes.map((outcome, m): MixtureAnswers => {
    if (!(outcome instanceof BailiwickError)) return outcome;
    const nExperts = model.members[m]!.mixture.experts.length;
    const scores = new Float64Array(nRows * nExperts);
    const route = { nExperts, scores, experts: topExperts(scores, nExperts) };
    return { values: new Float64Array(nRows), route };
  });
  return [{ ...model, members }, answers, nRows];
}

interface Masked extends MixtureAnswers {
  readonly degraded: boolean;
}

interface Asking {
  readonly mixture: Mixture;
  readonly X: Matrix;
  readonly route: Route;
  readonly range: Range;
  /** Experts that could not answer. */
  readonly masked: ReadonlySet<number>;
}

async function predictMasked(
  asking: Asking,
  ask: (k: number, X: Matrix) => Promise<Float32Array>,
): Promise<Masked> {
  const { mixture, X, route, range, masked } = asking;
  const failed = new Map<number, BailiwickError>();
  const answers = await Promise.all(
    mixture.experts.map(async (_, k) => {
      const rows = rowsAsked(mixture, route, k);
      if (rows.length === 0) return null;
      try {
        return await ask(k, rows.length === X.nRows ? X : takeRows(X, rows));
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        failed.set(k, error);
        return null;
      }
    }),
  );
  const values = recombine(mixture, route, answers, range);
  if (failed.size === 0) return { values, route, degraded: masked.size > 0 };
  const gone = new Set([...masked, ...failed.keys()]);
  if (gone.size === mixture.experts.length) throw [...failed.values()][0]!;
  const rows = rowsOfAny(mixture, route, failed.keys());
  const own = takeRows(X, rows);
  const rerouted = maskRoute(takeRoute(route, rows), gone);
  const again = await predictMasked({ mixture, X: own, route: rerouted, range, masked: gone }, ask);
  rows.forEach((i, r) => {
    values[i] = again.values[r]!;
  });
  return { values, route: putRoute(route, rows, again.route), degraded: true };
}

function rowsOfAny(mixture: Mixture, route: Route, experts: Iterable<number>): readonly number[] {
  const rows = new Set<number>();
  for (const k of experts) for (const i of rowsAsked(mixture, route, k)) rows.add(i);
  return [...rows].sort((a, b) => a - b);
}

function takeRoute({ nExperts, scores, experts }: Route, rows: readonly number[]): Route {
  const own = new Float64Array(rows.length * nExperts);
  rows.forEach((i, r) => {
    own.set(scores.subarray(i * nExperts, (i + 1) * nExperts), r * nExperts);
  });
  return { nExperts, scores: own, experts: Int32Array.from(rows, (i) => experts[i]!) };
}

/** Scores of the others made to sum to 1; equal where the gate knows nothing of them. */
function maskRoute({ nExperts, scores }: Route, gone: ReadonlySet<number>): Route {
  const own = Float64Array.from(scores, (score, at) => (gone.has(at % nExperts) ? 0 : score));
  for (let start = 0; start < own.length; start += nExperts) {
    let sum = 0;
    for (let k = 0; k < nExperts; k++) sum += own[start + k]!;
    for (let k = 0; k < nExperts; k++) {
      if (gone.has(k)) continue;
      own[start + k] = sum > 0 ? own[start + k]! / sum : 1 / (nExperts - gone.size);
    }
  }
  return { nExperts, scores: own, experts: topExperts(own, nExperts) };
}

function putRoute(route: Route, rows: readonly number[], part: Route): Route {
  const { nExperts } = route;
  const scores = Float64Array.from(route.scores);
  const experts = Int32Array.from(route.experts);
  rows.forEach((i, r) => {
    scores.set(part.scores.subarray(r * nExperts, (r + 1) * nExperts), i * nExperts);
    experts[i] = part.experts[r]!;
  });
  return { nExperts, scores, experts };
}

function isUnavailable(error: unknown): error is BailiwickError {
  return error instanceof BailiwickError && error.code === "EXPERT_UNAVAILABLE";
}
