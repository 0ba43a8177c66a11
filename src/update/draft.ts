/** A member while it is being updated: parts that are replaced one by one. */
import type { Expert } from "../experts/index.ts";
import type { MemberExplanation } from "../explain/index.ts";
import type { Gate } from "../gate/index.ts";
import type {
  Calibration,
  ErrorQuantiles,
  ExpertReport,
  Mixture,
  Range,
} from "../mixture/index.ts";
import { type Current, rangeOf } from "./current.ts";

type ExpertExplanation = MemberExplanation["experts"][number];

/** One expert with all that is known of it. */
export interface DraftExpert {
  readonly expert: Expert;
  readonly range: Range | null;
  readonly report: ExpertReport;
  /** null where the model has no explanation. */
  readonly explanation: ExpertExplanation | null;
  /** What the intervals of its regime are told by; null where the pooled errors serve. */
  readonly errors: ErrorQuantiles | null;
}

/** Its fields are replaced, what they hold is not modified. */
export interface Draft {
  readonly mixture: Mixture;
  readonly boundaryMargin: number | null;
  experts: readonly DraftExpert[];
  gate: Gate | null;
  /** Experts whose scores the gate divides anew. */
  gated: readonly number[];
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

/** The mixture as it stands; the old one itself if nothing was replaced. */
export function mixtureOf({ mixture, experts, gate }: Draft): Mixture {
  const same = experts.every(({ expert }, k) => expert === mixture.experts[k]);
  if (same && experts.length === mixture.experts.length && gate === mixture.gate) return mixture;
  const ranges = experts.map(({ range }) => range);
  return {
    experts: experts.map(({ expert }) => expert),
    gate,
    recombination: mixture.recombination,
    ...(ranges.some((range) => range !== null) ? { ranges } : {}),
  };
}

/** Experts that an update has changed, or whose scores it has: the affected ones, ascending. */
export function affectedExperts({ mixture, experts, gated }: Draft): readonly number[] {
  return [...experts.keys()].filter(
    (k) => experts[k]!.expert !== mixture.experts[k] || gated.includes(k),
  );
}

export function explanationOf({ boundaryMargin, experts }: Draft): MemberExplanation | null {
  const explained = experts.flatMap(({ explanation }) => explanation ?? []);
  if (boundaryMargin === null || explained.length < experts.length) return null;
  return { boundaryMargin, experts: explained };
}

/**
 * What a model's intervals are told by after an update; nothing where nothing was before.
 *
 * Regimes that were left alone keep their errors. One whose expert was trained again has those of
 * the new expert on held-out rows, if they are enough; in a committee they would not be the model's
 * errors. Where neither is known, the pooled errors serve, and these stay.
 *
 * @param drafts - One a member, in the members' order.
 */
export function intervalsAfter(
  before: Calibration | undefined,
  drafts: readonly Draft[],
): { readonly intervals?: Calibration } {
  if (before === undefined) return {};
  const { member, pooled } = before;
  const isAlone = drafts.length === 1;
  const othersMoved = drafts.some((own, m) => m !== member && mixtureOf(own) !== own.mixture);
  const { mixture, experts, gated } = drafts[member]!;
  const regimes = experts.map(({ expert, errors }, k) => {
    const isSame = expert === mixture.experts[k];
    const isKnown = isSame ? !gated.includes(k) && !othersMoved : isAlone;
    return isKnown ? errors : null;
  });
  return { intervals: { member, pooled, regimes } };
}

/** Expert k is another now; one numbered next is new. Modifies `draft`. */
export function placeExpert(draft: Draft, k: number, placed: DraftExpert): void {
  const isNew = k === draft.experts.length;
  draft.experts = isNew ? [...draft.experts, placed] : draft.experts.with(k, placed);
}
