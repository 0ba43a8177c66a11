/**
 * From rows to predictions by experts that are elsewhere: on other machines, or partly so.
 *
 * The gate runs here: rows are routed, split by expert, and all experts are asked at once. If every
 * expert answers, the bits are those of a prediction in one process. An expert that cannot answer
 * is masked: its rows are routed among the others as if the gate did not have it, and the answer
 * is marked as degraded.
 */
import type { Preprocessing } from "../data/index.ts";
import type { NetPredictor } from "../experts/index.ts";
import { topExperts } from "../gate/index.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { Blend, Range } from "./model.ts";
import {
  combineMembers,
  type MixtureAnswers,
  type Prediction,
  type Route,
  recombine,
  routeRows,
  rowsAsked,
  standardRange,
} from "./predict.ts";

/** What of a model routes rows and mixes answers; its experts may be anywhere. */
export interface BlendedModel {
  readonly preprocessing: Pick<Preprocessing, "target">;
  readonly members: readonly { readonly weight: number; readonly mixture: Blend }[];
}

export interface RemotePrediction extends Prediction {
  /** True if an expert could not answer and other experts answered its rows. */
  readonly degraded: boolean;
}

/** Rows of X, by their numbers, ascending. */
export interface RowsOf {
  readonly X: Matrix;
  readonly rows: Int32Array;
}

/** Answers of expert k of member m to some rows. @throws EXPERT_UNAVAILABLE */
export type AskExpert = (m: number, k: number, rows: RowsOf) => Promise<Float32Array>;

/** @throws EXPERT_UNAVAILABLE if for some row no expert of any member can answer. */
export async function predictElsewhere(
  engine: NetPredictor,
  model: BlendedModel,
  X: Matrix,
  ask: AskExpert,
): Promise<RemotePrediction> {
  const range = standardRange(model.preprocessing.target);
  const outcomes = await Promise.all(
    model.members.map(async ({ mixture }, m): Promise<Masked | BailiwickError> => {
      const route = routeRows(engine, mixture, X);
      const askMember = (k: number, rows: RowsOf): Promise<Float32Array> => ask(m, k, rows);
      try {
        return await predictMasked({ mixture, X, route, range, masked: new Set() }, askMember);
      } catch (error) {
        if (isUnavailable(error)) return error;
        throw error;
      }
    }),
  );
  const answers = outcomes.filter(isAnswered);
  const failed = outcomes.find((outcome) => !isAnswered(outcome));
  if (answers.length === 0) throw failed;
  if (failed === undefined) {
    const degraded = answers.some((answer) => answer.degraded);
    return { ...combineMembers(model, answers, X.nRows), degraded };
  }
  return { ...combineMembers(...withoutFailed(model, outcomes, X.nRows)), degraded: true };
}

function isAnswered(outcome: Masked | BailiwickError): outcome is Masked {
  return !(outcome instanceof BailiwickError);
}

/** Members that cannot answer get weight 0; the weights of the others are scaled to sum to 1. */
function withoutFailed(
  model: BlendedModel,
  outcomes: readonly (Masked | BailiwickError)[],
  nRows: number,
): Parameters<typeof combineMembers> {
  const isThere = (m: number): boolean => isAnswered(outcomes[m]!);
  const sum = model.members.reduce((total, { weight }, m) => total + (isThere(m) ? weight : 0), 0);
  const members = model.members.map((member, m) => ({
    ...member,
    weight: isThere(m) ? member.weight / sum : 0,
  }));
  const answers = outcomes.map((outcome, m): MixtureAnswers => {
    if (isAnswered(outcome)) return outcome;
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
  readonly mixture: Blend;
  readonly X: Matrix;
  readonly route: Route;
  readonly range: Range;
  /** Experts that could not answer. */
  readonly masked: ReadonlySet<number>;
}

async function predictMasked(
  asking: Asking,
  ask: (k: number, rows: RowsOf) => Promise<Float32Array>,
): Promise<Masked> {
  const { mixture, X, route, range, masked } = asking;
  const failed = new Map<number, BailiwickError>();
  const answers = await Promise.all(
    mixture.experts.map(async (_, k) => {
      const rows = rowsAsked(mixture, route, k);
      if (rows.length === 0) return null;
      try {
        return await ask(k, { X, rows });
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
  const itsX = takeRows(X, rows);
  const rerouted = maskRoute(takeRoute(route, rows), gone);
  const again = await predictMasked(
    { mixture, X: itsX, route: rerouted, range, masked: gone },
    ask,
  );
  rows.forEach((i, r) => {
    values[i] = again.values[r]!;
  });
  return { values, route: putRoute(route, rows, again.route), degraded: true };
}

function rowsOfAny(mixture: Blend, route: Route, experts: Iterable<number>): readonly number[] {
  const rows = new Set<number>();
  for (const k of experts) for (const i of rowsAsked(mixture, route, k)) rows.add(i);
  return [...rows].sort((a, b) => a - b);
}

function takeRoute({ nExperts, scores, experts }: Route, rows: readonly number[]): Route {
  const taken = new Float64Array(rows.length * nExperts);
  rows.forEach((i, r) => {
    taken.set(scores.subarray(i * nExperts, (i + 1) * nExperts), r * nExperts);
  });
  return { nExperts, scores: taken, experts: Int32Array.from(rows, (i) => experts[i]!) };
}

/** Scores of the other experts, scaled to sum to 1; equal where all of them were 0. */
function maskRoute({ nExperts, scores }: Route, gone: ReadonlySet<number>): Route {
  const masked = Float64Array.from(scores, (score, at) => (gone.has(at % nExperts) ? 0 : score));
  for (let start = 0; start < masked.length; start += nExperts) {
    let sum = 0;
    for (let k = 0; k < nExperts; k++) sum += masked[start + k]!;
    for (let k = 0; k < nExperts; k++) {
      if (gone.has(k)) continue;
      masked[start + k] = sum > 0 ? masked[start + k]! / sum : 1 / (nExperts - gone.size);
    }
  }
  return { nExperts, scores: masked, experts: topExperts(masked, nExperts) };
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
