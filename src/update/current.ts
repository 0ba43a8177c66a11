/** What an update starts from and ends with: a model and what is kept beside it. */
import type { Expert } from "../experts/index.ts";
import type { Explanation } from "../explain/index.ts";
import type { ExpertReport, Mixture, Model, Range } from "../mixture/index.ts";

/** A model with its reports, as a bundle holds them. */
export interface Current {
  readonly model: Model;
  /** One list a member, one report an expert. */
  readonly experts: readonly (readonly ExpertReport[])[];
  /** Without one no row counts as strange, and no regime is ever added. */
  readonly explanation: Explanation | null;
  /** Rows that the model was fitted on. */
  readonly nTrain: number;
}

/** An expert of an earlier version, or of another place in the mixture. */
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

/** Training rows of an expert. */
export function learntRows(
  { explanation, experts, nTrain }: Current,
  m: number,
  k: number,
): number {
  const card = explanation?.members[m]?.experts[k]?.card;
  return card?.nRows ?? Math.round(experts[m]![k]!.share * nTrain);
}
