/**
 * What each column of a row contributes to the answer: Shapley values against a background.
 *
 * Shapley values are linear in the answers, so a committee's are the weighted sum of its members'.
 * They are exact for members that are one ridge regression or one expert of trees, and for all
 * others where the columns are few enough to ask for every coalition; else they are estimated from
 * orders of the columns, with a standard error. Deterministic: a row's values depend on that row.
 */
import { unitOf } from "../../data/index.ts";
import type { Engine, Expert } from "../../experts/index.ts";
import {
  type Member,
  type Mixture,
  type Model,
  predictMatrix,
  predictMembers,
  standardRange,
} from "../../mixture/index.ts";
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import { type Progress, silent } from "../../shared/progress.ts";
import type { Explanation } from "../explanation.ts";
import { backgroundOf } from "./background.ts";
import { addEnumeratedShares, enumeratedAnswers } from "./enumerate.ts";
import { addRidgeShares } from "./exact-ridge.ts";
import { addTreeShares } from "./exact-trees.ts";
import type { Answerer, Explained } from "./game.ts";
import { playersOf } from "./players.ts";
import { addSampledShares, type Shares } from "./sample.ts";

/** All in the target's units. A row's answer is base + Σ its values + its limit. */
export interface Contributions {
  /** The columns of the user's table that the model reads. */
  readonly columns: readonly string[];
  /** The mean answer to the background, the same for every row. */
  readonly base: number;
  /** Shape (nRows, columns.length). */
  readonly values: Float64Array;
  /** Standard errors of the values; 0 where they are exact. Same shape. */
  readonly errors: Float64Array;
  /** What a bound on answers has changed, of rows whose answer it cut; else 0. Shape (nRows,). */
  readonly limits: Float64Array;
}

/** The contributions to the answers of preprocessed rows, shape (X.nRows,). */
export type Contributor = (X: Matrix, answers: Float64Array, progress?: Progress) => Contributions;

/** Most answers of an enumeration, and about the number of answers of an estimate, for each row. */
const MAX_ENUMERATED = 2048;
const SAMPLED = 2048;
/** Rounding of 32-bit answers, in standard deviations of the target. */
const ROUNDING = 1e-5;

/** null for a model whose explanation knows no rows. */
export function createContributor(
  engine: Engine,
  model: Model,
  explanation: Explanation,
): Contributor | null {
  const { preprocessing } = model;
  const background = backgroundOf(preprocessing, explanation);
  if (background === null) return null;
  const players = playersOf(preprocessing);
  const base = meanAnswer(engine, model, background);
  const { scale, answer, exact } = gameOf(engine, model);
  const nColumns = players.columns.length;
  return (X, answers, progress = silent) => {
    const values = new Float64Array(X.nRows * nColumns);
    const errors = new Float64Array(X.nRows * nColumns);
    const limits = new Float64Array(X.nRows);
    for (let i = 0; i < X.nRows; i++) {
      const explained: Explained = { x: rowOf(X, i), background, players };
      const shares = sharesOf(exact, answer, explained);
      const inUnits = shares.values.map((share) => scale * share);
      limits[i] = settle(inUnits, answers[i]! - base, ROUNDING * unitOf(preprocessing.target));
      values.set(inUnits, i * nColumns);
      errors.set(
        shares.variances.map((variance) => scale * Math.sqrt(variance)),
        i * nColumns,
      );
      progress("explaining rows", (i + 1) / X.nRows);
    }
    return { columns: players.columns, base, values, errors, limits };
  };
}

/** How a model's answers are explained: by closed forms, and by asking for the rest. */
interface Game {
  /** What shares are multiplied by, to be in the target's units. */
  readonly scale: number;
  /** Members whose shares have a closed form. */
  readonly exact: readonly Member[];
  /** The answer of all other members; null without any. */
  readonly answer: Answerer | null;
}

/** Closed forms are of sums, which answers are not where the target is learnt as a logarithm. */
function gameOf(engine: Engine, model: Model): Game {
  const { members, preprocessing } = model;
  const { scale, transform } = preprocessing.target;
  if (transform !== undefined) {
    return { scale: 1, exact: [], answer: (X) => predictMatrix(engine, model, X).values };
  }
  const used = members.filter(({ weight }) => weight > 0);
  const exact = used.filter(({ mixture }) => exactOf(mixture) !== null);
  const others = used.filter(({ mixture }) => exactOf(mixture) === null);
  const range = standardRange(preprocessing.target);
  const answer: Answerer = (X) => predictMembers(engine, others, X, range).values;
  return { scale, exact, answer: others.length === 0 ? null : answer };
}

function meanAnswer(
  engine: Engine,
  model: Model,
  { X, weights }: NonNullable<ReturnType<typeof backgroundOf>>,
): number {
  return predictMatrix(engine, model, X).values.reduce(
    (sum, value, r) => sum + weights[r]! * value,
    0,
  );
}

/** The one expert whose shares have a closed form; null for other mixtures. */
function exactOf({ experts, gate }: Mixture): Extract<Expert, { kind: "ridge" | "trees" }> | null {
  const expert = experts[0]!;
  return gate === null && (expert.kind === "ridge" || expert.kind === "trees") ? expert : null;
}

/**
 * In standardised units.
 *
 * @param members - Those with a closed form. @param answer - Of the others; null for none.
 */
function sharesOf(
  members: readonly Member[],
  answer: Answerer | null,
  explained: Explained,
): Shares {
  const nColumns = explained.players.columns.length;
  const shares = { values: new Float64Array(nColumns), variances: new Float64Array(nColumns) };
  for (const { weight, mixture } of members) {
    const expert = exactOf(mixture)!;
    const exact = new Float64Array(nColumns);
    if (expert.kind === "ridge") addRidgeShares(expert, explained, exact);
    else addTreeShares(expert, explained, exact);
    for (let p = 0; p < nColumns; p++) shares.values[p]! += weight * exact[p]!;
  }
  if (answer === null) return shares;
  if (enumeratedAnswers(explained) <= MAX_ENUMERATED) {
    addEnumeratedShares(answer, explained, shares.values);
  } else addSampledShares(answer, explained, SAMPLED, shares);
  return shares;
}

/**
 * Adds the rounding of 32-bit answers to the largest value, so that the sum is exact; a larger rest
 * is what a bound on answers cut, and is returned. Modifies `values`.
 */
function settle(values: Float64Array, total: number, rounding: number): number {
  const rest = total - values.reduce((sum, value) => sum + value, 0);
  if (values.length === 0 || Math.abs(rest) > rounding) return rest;
  let largest = 0;
  values.forEach((value, p) => {
    if (Math.abs(value) > Math.abs(values[largest]!)) largest = p;
  });
  values[largest]! += rest;
  return 0;
}
