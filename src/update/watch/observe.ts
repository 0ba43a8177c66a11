/** What a member answers to rows with known targets: how wrong, and how strange each row is. */
import type { Engine, Samples } from "../../experts/index.ts";
import { createNovelty, type Explanation } from "../../explain/index.ts";
import { type MixtureAnswers, predictMixture, standardRange } from "../../mixture/index.ts";
import type { Matrix } from "../../shared/matrix.ts";
import type { Current } from "../current.ts";

/** One member's answers to some rows. */
export interface Seen extends MixtureAnswers {
  /** The member's answers less the targets, standardised. Shape (nRows,). */
  readonly errors: Float64Array;
  /** The least novelty over the member's experts; above 1 the row is strange. Shape (nRows,). */
  readonly novelty: Float64Array;
}

/** @param m - The member's number. */
export function seeRows(engine: Engine, current: Current, m: number, { X, y }: Samples): Seen {
  const { preprocessing, members } = current.model;
  const range = standardRange(preprocessing.target);
  const { values, route } = predictMixture(engine, members[m]!.mixture, X, range);
  return {
    values,
    route,
    errors: values.map((value, i) => value - y[i]!),
    novelty: leastNovelty(current.explanation, m, X),
  };
}

/** The least novelty of each row over a member's experts; 0 without an explanation. */
function leastNovelty(explanation: Explanation | null, m: number, X: Matrix): Float64Array {
  const least = new Float64Array(X.nRows);
  if (explanation === null) return least;
  const scorers = createNovelty(explanation)[m]!;
  for (let i = 0; i < X.nRows; i++) {
    const offset = i * X.nColumns;
    least[i] = scorers.reduce((a, score) => Math.min(a, score(X.values, offset)), 1e300);
  }
  return least;
}

/** The rows routed to expert k that are not strange, ascending. */
export function coveredRows({ route, novelty }: Seen, k: number): Int32Array {
  return Int32Array.from(novelty.keys()).filter((i) => route.experts[i] === k && novelty[i]! <= 1);
}

/** The strange rows, ascending. */
export function novelRows({ novelty }: Seen): Int32Array {
  return Int32Array.from(novelty.keys()).filter((i) => novelty[i]! > 1);
}
