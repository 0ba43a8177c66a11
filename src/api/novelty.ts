/**
 * How unlike a row is to what its expert was trained on: above 1 where it is novel.
 *
 * Costs up to a microsecond a row, so it is judged where it is asked for, and otherwise on one row
 * of each request, which is enough for a rate.
 */
import type { Bundle } from "../bundle/index.ts";
import { createNovelty } from "../explain/index.ts";
import type { Route } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";

/** Rows and where each member sent them. */
export interface RoutedRows {
  readonly X: Matrix;
  /** One a member. */
  readonly routes: readonly Route[];
}

/** The novelty of row i to the expert that member m sent it to; infinite if that had no rows. */
export type Novelty = (rows: RoutedRows, m: number, i: number) => number;

/** null for a bundle without an explanation, which cannot tell. */
export function noveltyOf({ explanation }: Bundle): Novelty | null {
  if (explanation === null) return null;
  const scorers = createNovelty(explanation);
  return ({ X, routes }, m, i) => scorers[m]![routes[m]!.experts[i]!]!(X.values, i * X.nColumns);
}

/** Of every row to member m. Shape (nRows,). */
export function noveltiesOf(novelty: Novelty, rows: RoutedRows, m: number): Float64Array {
  return Float64Array.from({ length: rows.X.nRows }, (_, i) => novelty(rows, m, i));
}

/** Whether row i is novel to any of the experts that answer it. */
export function isNovel(novelty: Novelty, rows: RoutedRows, i: number): boolean {
  return rows.routes.some((_, m) => novelty(rows, m, i) > 1);
}
