/** A new expert: for a part of a regime, or for strange rows. */
import { expertId, takeSamples } from "../../mixture/index.ts";
import type { Decision } from "../decide/index.ts";
import type { WatchedMember } from "../watch/index.ts";
import { clipped, describeExpert, expectedSquare, explained, widerRange } from "./describe.ts";
import { type Draft, withNewExpert } from "./draft.ts";
import { learn } from "./expert/index.ts";
import { keepInstead, type Step } from "./outcome.ts";
import { type Division, gateWithRegime } from "./regate.ts";
import { learningOf, type Training } from "./training.ts";
import { refusalOf, verify } from "./verify.ts";

export interface NewRegime {
  /** Its rows are the new regime's. */
  readonly decision: Decision;
  /** The expert that the new one starts from. */
  readonly from: number;
  /** The experts that lose the rows. */
  readonly division: Omit<Division, "added">;
}

export async function addExpert(
  watched: WatchedMember,
  draft: Draft,
  { decision, from, division }: NewRegime,
  training: Training,
): Promise<Step> {
  const { current, member, rows: newRows } = watched;
  const { target } = current.model.preprocessing;
  const { rows } = decision;
  const start = clipped(draft.experts[from]!, target);
  const lesson = { fresh: takeSamples(newRows.samples, rows), old: null };
  const learnt = await learn(start, lesson, learningOf(training, watched));
  const verified = verify(learnt, target);
  const expected = expectedSquare(draft.experts[from]!, target);
  const refusal = refusalOf(learnt, decision, verified, expected);
  if (refusal !== null) return keepInstead(draft, decision, { why: refusal, verified });
  const gate = await gateWithRegime(watched, draft, { ...division, added: rows }, training);
  if (gate === null) {
    const reason = "no row of another regime is known that it could be told from";
    return keepInstead(draft, decision, { why: `${decision.why}; ${reason}`, verified });
  }
  const share = rows.length / (current.nTrain + newRows.samples.y.length);
  const range = widerRange(learnt.range, target);
  const described = describeExpert(learnt, { share, range }, target);
  const evidence = { ...newRows, rows, nRows: rows.length, covered: null, before: null };
  const placed = explained(training.executor.engine, current, described, evidence);
  const why = `${decision.why}; ${expertId(member, draft.experts.length)} is new`;
  const { cost } = learnt;
  return {
    draft: withNewExpert(draft, placed, { gate, among: division.experts }),
    outcome: { ...decision, why, verified, cost, nLearnt: rows.length, isNewLaw: false },
  };
}
