/** What an update starts from and ends with: a model and what is known of it. */
import type { Expert } from "../experts/index.ts";
import { createNovelty, type Explanation } from "../explain/index.ts";
import type { ExpertReport, Mixture, Model, Range } from "../mixture/index.ts";
import type { Matrix } from "../shared/matrix.ts";

/** A model with its reports, as a bundle holds them. */
export interface Current {
  readonly model: Model;
  /** One list a member, one report an expert. */
  readonly experts: readonly (readonly ExpertReport[])[];
  /** Without one, nobody knows which rows are strange, and no regime is ever added. */
  readonly explanation: Explanation | null;
  /** Rows that the model was fitted on. */
  readonly nTrain: number;
}

/** An expert that served before, or serves elsewhere in the mixture. */
export interface KnownExpert {
  /** How a decision calls it: "m0.e2 of version 3". */
  readonly name: string;
  readonly expert: Expert;
  readonly report: ExpertReport;
  readonly range: Range | null;
}

export function rangeOf({ ranges }: Mixture, k: number): Range | null {
  return ranges?.[k] ?? null;
}

/**
 * How strange each row is to the expert of a member that knows its like best; 0 without an
 * explanation. Shape (X.nRows,).
 */
export function leastNovelty(explanation: Explanation | null, m: number, X: Matrix): Float64Array {
  const least = new Float64Array(X.nRows);
  if (explanation === null) return least;
  const scorers = createNovelty(explanation)[m]!;
  for (let i = 0; i < X.nRows; i++) {
    const offset = i * X.nColumns;
    least[i] = scorers.reduce((a, score) => Math.min(a, score(X.values, offset)), 1e300);
  }
  return least;
}

/** Training rows of an expert. */
export function learntRows(
  { explanation, experts, nTrain }: Current,
  m: number,
  k: number,
): number {
  const card = explanation?.members[m]?.experts[k]?.card;
  return card?.nRows ?? Math.round(experts[m]![k]!.share * nTrain);
}
