/** A member while it is updated: each step takes a draft and gives the next one. */
import type { Expert } from "../../experts/index.ts";
import type { MemberExplanation } from "../../explain/index.ts";
import type { Gate } from "../../gate/index.ts";
import type { ErrorQuantiles, ExpertReport, Mixture, Range } from "../../mixture/index.ts";
import { type Current, rangeOf } from "../current.ts";

type ExpertExplanation = MemberExplanation["experts"][number];

/** One expert and all that is kept of it. */
export interface DraftExpert {
  readonly expert: Expert;
  readonly range: Range | null;
  readonly report: ExpertReport;
  /** null where the model has no explanation. */
  readonly explanation: ExpertExplanation | null;
  /** Held-out errors for the intervals of its regime; null where the pooled errors serve. */
  readonly errors: ErrorQuantiles | null;
}

export interface Draft {
  /** The mixture before the update. */
  readonly mixture: Mixture;
  readonly boundaryMargin: number | null;
  readonly experts: readonly DraftExpert[];
  readonly gate: Gate | null;
  /** Experts whose scores the gate divides again. */
  readonly gated: readonly number[];
}

export function startDraft({ model, experts, explanation }: Current, m: number): Draft {
  const { mixture } = model.members[m]!;
  const explained = explanation?.members[m];
  const errors = model.intervals?.member === m ? model.intervals.regimes : [];
  return {
    mixture,
    boundaryMargin: explained?.boundaryMargin ?? null,
    gate: mixture.gate,
    gated: [],
    experts: mixture.experts.map((expert, k) => ({
      expert,
      range: rangeOf(mixture, k),
      report: experts[m]![k]!,
      explanation: explained?.experts[k] ?? null,
      errors: errors[k] ?? null,
    })),
  };
}

/** The draft in which expert k is another one; the next number is a new expert. */
export function withExpert(draft: Draft, k: number, placed: DraftExpert): Draft {
  const { experts } = draft;
  const isNew = k === experts.length;
  return { ...draft, experts: isNew ? [...experts, placed] : experts.with(k, placed) };
}

/** The draft with a new expert, and a gate that divides the scores of `among` again for it. */
export function withNewExpert(
  draft: Draft,
  placed: DraftExpert,
  { gate, among }: { readonly gate: Gate; readonly among: readonly number[] },
): Draft {
  const k = draft.experts.length;
  const gated = [...new Set([...draft.gated, ...among, k])];
  return { ...withExpert(draft, k, placed), gate, gated };
}
