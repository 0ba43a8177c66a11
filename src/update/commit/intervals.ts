/** The held-out errors that a model's intervals are made from, after an update. */
import type { Calibration } from "../../mixture/index.ts";
import type { Draft } from "../train/index.ts";
import { mixtureOf } from "./mixture-of.ts";

/**
 * The calibration after an update; nothing where there was none before.
 *
 * Regimes that were left alone keep their errors. One whose expert was trained again has those of
 * the new expert on held-out rows, if they are enough; in a committee they would not be the model's
 * errors. Where neither is there, the pooled errors serve, and these stay.
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
  const othersMoved = drafts.some((draft, m) => m !== member && mixtureOf(draft) !== draft.mixture);
  const { mixture, experts, gated } = drafts[member]!;
  const regimes = experts.map(({ expert, errors }, k) => {
    const isSame = expert === mixture.experts[k];
    const isKept = isSame ? !gated.includes(k) && !othersMoved : isAlone;
    return isKept ? errors : null;
  });
  return { intervals: { member, pooled, regimes } };
}
