/** An expert is trained again in its place: lesson, learning, verification, description. */
import type { Decision } from "../decide/index.ts";
import type { WatchedMember } from "../watch/index.ts";
import { clipped, describeExpert, expectedSquare, explained, widerRange } from "./describe.ts";
import { type Draft, type DraftExpert, withExpert } from "./draft.ts";
import { type Learnt, type Lesson, learn } from "./expert/index.ts";
import { lessonOf, rowsBefore } from "./lesson.ts";
import { keepInstead, type Step, type Verified } from "./outcome.ts";
import { joinSamples } from "./samples.ts";
import { learningOf, type Training } from "./training.ts";
import { refusalOf, verify } from "./verify.ts";

export async function retrain(
  watched: WatchedMember,
  draft: Draft,
  decision: Decision,
  training: Training,
): Promise<Step> {
  const { expert: k, rows } = decision;
  const before = draft.experts[k]!;
  const stored = await training.old(k);
  const nNew = rowsBefore(watched, k, rows).length + rows.length;
  if (stored === null && isTooLittle(watched, before, nNew)) {
    const { kind } = before.expert;
    const reason = `a ${kind} is fitted again, and no old rows are kept (fit --keep-rows)`;
    return keepInstead(draft, decision, { why: `${decision.why}; but ${reason}` });
  }
  const { target } = watched.current.model.preprocessing;
  const lesson = lessonOf(watched, decision, stored);
  const learnt = await learn(clipped(before, target), lesson, learningOf(training, watched));
  const verified = verify(learnt, target);
  const refusal = refusalOf(learnt, decision, verified, expectedSquare(before, target));
  const isChange = decision.errorExpected !== null;
  if (refusal !== null) {
    const tried = isChange ? {} : { nTried: countRows(lesson) };
    return keepInstead(draft, decision, { why: refusal, verified, ...tried });
  }
  const { oldWeight, cost } = learnt;
  const isNewLaw = isChange && oldWeight === 0;
  const placed = place(watched, before, { learnt, lesson, rows, isNewLaw }, training);
  const why = `${decision.why}${onOldRows(oldWeight, verified)}`;
  return {
    draft: withExpert(draft, k, placed),
    outcome: { ...decision, why, verified, cost, nLearnt: rows.length, isNewLaw },
  };
}

/**
 * An expert that cannot go on from where it stands would know nothing but the new rows: too little,
 * if they are fewer than half of those that it has learnt from.
 */
function isTooLittle(
  { current }: WatchedMember,
  { expert, report }: DraftExpert,
  nRows: number,
): boolean {
  return expert.kind !== "mlp" && nRows < 0.5 * report.share * current.nTrain;
}

function countRows({ fresh, old }: Lesson): number {
  return fresh.y.length + (old?.y.length ?? 0);
}

/** What becomes of the law of old rows. */
function onOldRows(oldWeight: number | null, { old }: Verified): string {
  if (oldWeight === null) return "";
  if (old === null) return `; old rows weigh ${oldWeight}`;
  const [before, after] = [old.before.toPrecision(3), old.after.toPrecision(3)];
  return `; old rows weigh ${oldWeight}, error on ${old.nRows} of them ${before} to ${after}`;
}

interface Placed {
  readonly learnt: Learnt;
  readonly lesson: Lesson;
  readonly rows: Int32Array;
  readonly isNewLaw: boolean;
}

/**
 * The expert in its place, with errors, range and explanation of what it has learnt. Where its law
 * stays, that is all rows, whatever the weight of the old ones: it starts from what they taught it.
 */
function place(
  { current, rows: newRows }: WatchedMember,
  before: DraftExpert,
  { learnt, lesson, rows, isNewLaw }: Placed,
  { executor }: Training,
): DraftExpert {
  const { target } = current.model.preprocessing;
  const { share } = before.report;
  const described = describeExpert(
    learnt,
    { share, range: widerRange(learnt.range, target) },
    target,
  );
  const { fresh, old } = lesson;
  const nRows = isNewLaw ? fresh.y.length : countRows(lesson);
  const covered = old === null ? null : joinSamples(fresh, old).X;
  const evidence = { ...newRows, rows, nRows, covered, before };
  return explained(executor.engine, current, described, evidence);
}
