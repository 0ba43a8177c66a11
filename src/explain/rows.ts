/** What an explanation says of single rows: how strange they are, and whether near a boundary. */
import type { Route } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";
import { gateMargins } from "./boundary.ts";
import type { Explanation } from "./explanation.ts";
import { createNovelty } from "./novelty-score.ts";

export interface RowNotes {
  /** To the expert that the row is routed to; above 1 is novel. Shape (nRows,). */
  readonly novelty: Float64Array;
  /** 1 for rows near a boundary. Shape (nRows,). */
  readonly nearBoundary: Uint8Array;
}

/**
 * @param X - Preprocessed rows.
 * @param routes - Where they went, as `predictMatrix` says, one a member.
 * @returns One a member.
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
