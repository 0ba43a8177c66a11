/** The explanation of single rows: novelty, and whether they are near a boundary. */
import type { Route } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { gateMargins } from "./boundary.ts";
import type { Explanation } from "./explanation.ts";
import { createNovelty } from "./novelty-score.ts";

export interface RowNotes {
  /** Novelty to the expert that the row is routed to; above 1 is novel. Shape (nRows,). */
  readonly novelty: Float64Array;
  /** 1 for rows near a boundary. Shape (nRows,). */
  readonly nearBoundary: Uint8Array;
}

/**
 * @param X - Preprocessed rows.
 * @param routes - The routes of `predictMatrix`, one per member.
 * @returns One entry per member.
 */
export function explainRows(
  explanation: Explanation,
  X: Matrix,
  routes: readonly Route[],
): readonly RowNotes[] {
  const scorers = createNovelty(explanation);
  return routes.map((route, m) => {
    const { boundaryMargin } = explanation.members[m]!;
    return {
      novelty: Float64Array.from(route.experts, (k, i) =>
        scorers[m]![k]!(X.values, i * X.nColumns),
      ),
      nearBoundary: Uint8Array.from(gateMargins(route), (margin) =>
        margin < boundaryMargin ? 1 : 0,
      ),
    };
  });
}
