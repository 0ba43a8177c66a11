/** Another expert that knows the law takes the place: one of an earlier version, or a neighbour. */
import { takeSamples } from "../../mixture/index.ts";
import { learntRows } from "../current.ts";
import type { Decision } from "../decide/index.ts";
import type { WatchedMember } from "../watch/index.ts";
import { clipped, explained } from "./describe.ts";
import { type Draft, type DraftExpert, withExpert } from "./draft.ts";
import { errorsOn } from "./expert/index.ts";
import type { Step } from "./outcome.ts";
import type { Training } from "./training.ts";
import { rootMean } from "./verify.ts";

export function recall(
  { current, member, rows: newRows }: WatchedMember,
  draft: Draft,
  decision: Decision,
  { executor }: Training,
): Step {
  const { expert: k, source, rows } = decision;
  const { expert, range, report } = source!;
  const before = draft.experts[k]!;
  const { share } = before.report;
  // Its held-out errors of an earlier day say little of this day's.
  const placed = { expert, range, report: { share, residuals: report.residuals }, errors: null };
  const nRows = learntRows(current, member, k);
  const evidence = { ...newRows, rows, nRows, covered: null, before };
  const { target } = current.model.preprocessing;
  const shown = takeSamples(newRows.samples, rows);
  const errorOf = (one: Pick<DraftExpert, "expert" | "range">): number =>
    rootMean(errorsOn(executor, clipped(one, target), shown), target);
  const verified = {
    nRows: rows.length,
    before: errorOf(before),
    after: errorOf(placed),
    old: null,
  };
  return {
    draft: withExpert(draft, k, explained(executor.engine, current, placed, evidence)),
    outcome: { ...decision, verified, nLearnt: 0, isNewLaw: true },
  };
}
