/**
 * From rows to predictions: score the experts, then recombine their answers.
 *
 * A row's answer depends on that row alone: predicted one by one or all at once, the bits are the
 * same.
 */
import {
  answerInUnits,
  applyPreprocessing,
  standardAnswer,
  type Table,
  type TargetScale,
} from "../data/index.ts";
import { type NetPredictor, predictExpert } from "../experts/index.ts";
import { gateScores, topExperts } from "../gate/index.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { Blend, Member, Mixture, Model } from "./model.ts";
import { clip, type Range } from "./samples.ts";

/** How one mixture routed some rows. */
export interface Route {
  readonly nExperts: number;
  /** The gate's scores, shape (nRows, nExperts); rows sum to 1. */
  readonly scores: Float64Array;
  /** The expert of the largest score. Shape (nRows,). */
  readonly experts: Int32Array;
}

export interface Prediction {
  /** In the target's units, if nothing else is said. Shape (nRows,). */
  readonly values: Float64Array;
  /** One per member, in the members' order. */
  readonly routes: readonly Route[];
}

/**
 * Predicts the rows of a table whose columns are matched by name.
 *
 * @throws as preprocessing does.
 * @example
 * ```ts
 * import { load, openTable } from "bailiwick";
 * import { createWasmEngine, predictTable } from "bailiwick/engine";
 *
 * const regressor = await load("out/prices");
 * const { table } = await openTable("new-prices.csv", { like: regressor });
 * const { values } = predictTable(await createWasmEngine(), regressor.model, table);
 * console.log(values.length, values[0]);
 * ```
 */
export function predict(engine: NetPredictor, model: Model, table: Table): Prediction {
  return predictMatrix(engine, model, applyPreprocessing(model.preprocessing, table));
}

/** Predicts rows that are preprocessed already. */
export function predictMatrix(engine: NetPredictor, model: Model, X: Matrix): Prediction {
  const range = standardRange(model.preprocessing.target);
  const answers = model.members.map(({ mixture }) => predictMixture(engine, mixture, X, range));
  return combineMembers(model, answers, X.nRows);
}

/** What the answers of members are weighed by. */
interface Weighing {
  readonly preprocessing: Pick<Model["preprocessing"], "target">;
  readonly members: readonly Pick<Member, "weight">[];
}

/** The model's answers from those of its members, in the members' order. */
export function combineMembers(
  { preprocessing: { target }, members }: Weighing,
  answers: readonly MixtureAnswers[],
  nRows: number,
): Prediction {
  const values = mixAnswers(members, answers, nRows);
  for (let i = 0; i < nRows; i++) values[i] = answerInUnits(target, values[i]!);
  return { values, routes: answers.map(({ route }) => route) };
}

/** The weighted answers of all members, in standardised units, with each member's route. */
export function predictMembers(
  engine: NetPredictor,
  members: readonly Member[],
  X: Matrix,
  range: Range,
): Prediction {
  const answers = members.map(({ mixture }) => predictMixture(engine, mixture, X, range));
  const values = mixAnswers(members, answers, X.nRows);
  return { values, routes: answers.map(({ route }) => route) };
}

function mixAnswers(
  members: Weighing["members"],
  answers: readonly MixtureAnswers[],
  nRows: number,
): Float64Array {
  const values = new Float64Array(nRows);
  members.forEach(({ weight }, m) => {
    const memberValues = answers[m]!.values;
    for (let i = 0; i < nRows; i++) values[i]! += weight * memberValues[i]!;
  });
  return values;
}

/** The range of clipped predictions, in standardised units. */
export function standardRange(target: TargetScale): Range {
  return { least: standardAnswer(target, target.least), most: standardAnswer(target, target.most) };
}

/** One mixture's answers, standardised, and how it routed the rows. */
export interface MixtureAnswers {
  readonly values: Float64Array;
  readonly route: Route;
}

/** One mixture's answers in standardised units, each expert's clipped to `range`. */
export function predictMixture(
  engine: NetPredictor,
  mixture: Mixture,
  X: Matrix,
  range: Range,
): MixtureAnswers {
  return predictRouted(engine, mixture, { X, route: routeRows(engine, mixture, X) }, range);
}

/** The same for rows that are routed already. */
export function predictRouted(
  engine: NetPredictor,
  mixture: Mixture,
  { X, route }: { readonly X: Matrix; readonly route: Route },
  range: Range,
): MixtureAnswers {
  const answers = mixture.experts.map((expert, k) => {
    const rows = rowsAsked(mixture, route, k);
    if (rows.length === 0) return null;
    return predictExpert(engine, expert, rows.length === X.nRows ? X : takeRows(X, rows));
  });
  return { values: recombine(mixture, route, answers, range), route };
}

/**
 * The mixture's answers from those of its experts, standardised.
 *
 * @param answers - One per expert: answers to its rows, as `rowsAsked` lists them, or null if none.
 */
export function recombine(
  mixture: Blend,
  route: Route,
  answers: readonly (Float32Array | null)[],
  range: Range,
): Float64Array {
  const values = new Float64Array(route.experts.length);
  mixture.experts.forEach((_, k) => {
    const answer = answers[k];
    if (answer === null || answer === undefined) return;
    const clipped = mixture.ranges?.[k] ?? range;
    const rows = rowsAsked(mixture, route, k);
    for (let r = 0; r < rows.length; r++) {
      const i = rows[r]!;
      values[i]! += shareOf(mixture, route, i, k) * clip(answer[r]!, clipped);
    }
  });
  return values;
}

/** How a mixture's gate routes rows. */
export function routeRows(
  engine: NetPredictor,
  { gate, experts }: Pick<Blend, "gate" | "experts">,
  X: Matrix,
): Route {
  const nExperts = experts.length;
  const scores = gate === null ? new Float64Array(X.nRows).fill(1) : gateScores(engine, gate, X);
  return { nExperts, scores, experts: topExperts(scores, nExperts) };
}

/** The rows that expert k answers, ascending. */
export function rowsAsked(
  mixture: Pick<Blend, "recombination">,
  route: Route,
  k: number,
): Int32Array {
  const nRows = route.experts.length;
  const rows = new Int32Array(nRows);
  let count = 0;
  for (let i = 0; i < nRows; i++) if (shareOf(mixture, route, i, k) > 0) rows[count++] = i;
  return rows.subarray(0, count);
}

/** How much of row i's answer is expert k's. */
function shareOf(
  { recombination }: Pick<Blend, "recombination">,
  route: Route,
  i: number,
  k: number,
): number {
  if (recombination === "hard") return route.experts[i] === k ? 1 : 0;
  return route.scores[i * route.nExperts + k]!;
}
