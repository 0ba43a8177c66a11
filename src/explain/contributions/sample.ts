/**
 * Estimated Shapley values of any answer, from orders of the columns.
 *
 * From a background row, the columns take the explained row's cells one after the other; a column's
 * value is the mean change of the answer when its turn comes. Each order is also walked backwards
 * (antithetic pairs: Mitchell et al. 2022), and every background row has the same number of pairs,
 * whose spread gives the standard error. A walk's changes sum to the difference of the two answers,
 * so the estimates sum to what the exact values do.
 * Source: Castro, Gómez & Tejada 2009; Štrumbelj & Kononenko 2014.
 */
import { type Matrix, rowOf } from "../../shared/matrix.ts";
import { createRng, shuffle } from "../../shared/rng.ts";
import { type Answerer, differingColumns, type Explained } from "./game.ts";

/** Equal for all rows: the same row has the same explanation, alone or among others. */
const SEED = 1;
/** At least two, so that they have a spread. */
const MIN_PAIRS = 2;

export interface Shares {
  /** Shape (nColumns,). */
  readonly values: Float64Array;
  /** Variances of the estimates. Shape (nColumns,). */
  readonly variances: Float64Array;
}

/**
 * Adds the estimates. Modifies `into`.
 *
 * @param budget - About the number of answers to ask for.
 */
export function addSampledShares(
  answer: Answerer,
  explained: Explained,
  budget: number,
  into: Shares,
): void {
  const { X, weights } = explained.background;
  const nColumns = explained.players.columns.length;
  const rng = createRng(SEED);
  const games = Array.from({ length: X.nRows }, (_, r) => differingColumns(explained, r));
  const walked = games.reduce((sum, { length }) => sum + 2 * (length + 1), 0);
  const nPairs = Math.max(MIN_PAIRS, Math.floor(budget / walked));
  const walks = games.flatMap((columns, r) =>
    Array.from({ length: nPairs }, (): readonly Walk[] => {
      const order = columns.slice();
      shuffle(order, rng);
      return [
        { r, order },
        { r, order: order.slice().reverse() },
      ];
    }).flat(),
  );
  const worths = answer(rowsOfWalks(explained, walks));
  const sums = { nColumns, at: 0 };
  for (let r = 0; r < X.nRows; r++) {
    const pairs = Array.from({ length: nPairs }, (_, p) =>
      meanOfPair(walks, worths, 2 * (r * nPairs + p), sums),
    );
    addMoments(pairs, weights[r]!, into);
  }
}

interface Walk {
  readonly r: number;
  readonly order: Int32Array;
}

/** The rows of each walk, from the background row to the explained row. */
function rowsOfWalks(
  { x, background: { X }, players: { ofInput, columns } }: Explained,
  walks: readonly Walk[],
): Matrix {
  const { nColumns } = X;
  const nRows = walks.reduce((sum, { order }) => sum + order.length + 1, 0);
  const values = new Float32Array(nRows * nColumns);
  const inputsOf = columns.map((_, p) =>
    Int32Array.from(ofInput.keys()).filter((j) => ofInput[j] === p),
  );
  let at = 0;
  for (const { r, order } of walks) {
    const row = rowOf(X, r).slice();
    values.set(row, at);
    for (const column of order) {
      at += nColumns;
      for (const j of inputsOf[column]!) row[j] = x[j]!;
      values.set(row, at);
    }
    at += nColumns;
  }
  return { values, nRows, nColumns };
}

/** The mean changes of two walks that follow each other. Modifies `place.at`. */
function meanOfPair(
  walks: readonly Walk[],
  worths: Float64Array,
  first: number,
  place: { readonly nColumns: number; at: number },
): Float64Array {
  const changes = new Float64Array(place.nColumns);
  for (const { order } of [walks[first]!, walks[first + 1]!]) {
    order.forEach((column, step) => {
      changes[column]! += (worths[place.at + step + 1]! - worths[place.at + step]!) / 2;
    });
    place.at += order.length + 1;
  }
  return changes;
}

/** Adds the mean over the pairs, and its variance. Modifies `into`. */
function addMoments(pairs: readonly Float64Array[], weight: number, into: Shares): void {
  const n = pairs.length;
  for (let column = 0; column < into.values.length; column++) {
    const mean = pairs.reduce((sum, changes) => sum + changes[column]!, 0) / n;
    const squares = pairs.reduce((sum, changes) => sum + (changes[column]! - mean) ** 2, 0);
    into.values[column]! += weight * mean;
    into.variances[column]! += (weight ** 2 * squares) / (n - 1) / n;
  }
}
