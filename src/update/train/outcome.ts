/** A decision after it was carried out, or not. */
import type { Decision } from "../decide/index.ts";
import type { Draft } from "./draft.ts";

/** Root mean squared errors in the target's units on rows that nothing was learnt from. */
export interface HeldOutErrors {
  readonly nRows: number;
  readonly before: number;
  readonly after: number;
}

/** On the last of the new rows. */
export interface Verified extends HeldOutErrors {
  /** On old rows of the regime; null where there are none. */
  readonly old: HeldOutErrors | null;
}

export interface Outcome extends Decision {
  /** null if nothing was to be verified. */
  readonly verified: Verified | null;
  /** New rows that something was learnt from. */
  readonly nLearnt: number;
  /** Whether the expert has given up the law of the rows before the first that it learnt from. */
  readonly isNewLaw: boolean;
  /** All rows of an unchanged law, where training on them did not help. Default: none. */
  readonly nTried?: number;
}

/** Why a decision is not carried out, and what was tried. */
type Refused = { readonly why: string } & Partial<Pick<Outcome, "verified" | "nTried">>;

/** What carrying out one decision gives: the next draft, and what was done. */
export interface Step {
  readonly draft: Draft;
  readonly outcome: Outcome;
}

/** The decision is not carried out: everything stays as it is. */
export function keepInstead(
  draft: Draft,
  decision: Decision,
  { verified = null, ...refused }: Refused,
): Step {
  const outcome = { ...decision, action: "keep" as const, ...refused };
  return { draft, outcome: { ...outcome, verified, nLearnt: 0, isNewLaw: false } };
}
