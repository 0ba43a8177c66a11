/** One expert: has its law changed, and if so, which rows show it and what is to be done? */
import type { Engine } from "../../experts/index.ts";
import { learntRows } from "../current.ts";
import { changedAfter, coveredRows, evidenceOf } from "../watch/index.ts";
import type { Decision } from "./decision.ts";
import { findKnownLaw } from "./known-law.ts";
import { findPart } from "./part.ts";
import {
  costOf,
  createDecision,
  type DecideOptions,
  inUnits,
  isWhole,
  meanSquareAt,
  type Situation,
  thresholdOf,
} from "./situation.ts";

/** A law is not learnt from fewer rows. */
const MIN_ROWS = 12;

export async function decideExpert(
  engine: Engine,
  situation: Situation,
  k: number,
  options: DecideOptions,
): Promise<Decision> {
  const { monitors, seen } = situation.watched;
  const evidence = evidenceOf(monitors[k]!);
  const covered = coveredRows(seen, k);
  const start = createDecision(situation, k, evidence, covered.length);
  const limit = thresholdOf(situation, options);
  if (evidence.law < limit) return decideUnchanged(situation, start, covered, options);

  const shown = showing(situation, k, covered);
  const found = `its errors have grown, evidence e^${evidence.law.toFixed(1)}`;
  const nShowing = shown.rows.length + shown.nEarlier;
  if (nShowing < MIN_ROWS || shown.rows.length === 0) {
    const why = `${found}, but only ${nShowing} rows show it; ${MIN_ROWS} are needed`;
    return { ...start, why };
  }
  const errorNow = inUnits(situation, meanSquareAt(situation, shown.rows));
  const changed = { ...start, ...shown, errorNow };
  return decideChanged(engine, situation, { changed, found }, options);
}

/** The rows that follow the new law: those of this batch, and the number of earlier ones. */
function showing(
  { watched, oldCounts }: Situation,
  k: number,
  covered: Int32Array,
): Pick<Decision, "rows" | "nEarlier"> {
  const since = changedAfter(watched.monitors[k]!) - watched.seenBefore[k]!;
  const nEarlier = Math.min(Math.max(0, -since), oldCounts?.[k] ?? 0);
  return { rows: covered.slice(Math.max(0, since)), nEarlier };
}

/** Another law: one that an expert predicts already, a part of the regime, or one to be learnt. */
async function decideChanged(
  engine: Engine,
  situation: Situation,
  { changed, found }: { readonly changed: Decision; readonly found: string },
  { seed }: DecideOptions,
): Promise<Decision> {
  const { expert: k, rows } = changed;
  const known = await findKnownLaw(engine, situation, k, rows);
  if (known !== null) return { ...changed, ...known, why: `${found}; ${known.why}` };
  const part = isWhole(situation)
    ? null
    : await findPart(engine, situation.watched, k, { rows, seed });
  const { meanSquare } = situation.watched.monitors[k]!.reference;
  const errorExpected = inUnits(situation, meanSquare);
  const cost = costOf(situation, k, rows.length);
  if (part === null) {
    return { ...changed, action: "retrain", why: found, errorExpected, cost };
  }
  const why = `${found}, in a part of the regime: ${part.changed.length} of ${rows.length} rows`;
  const { changed: moved, staying } = part;
  return { ...changed, action: "split", rows: moved, staying, why, errorExpected, cost };
}

/** The same law; but the inputs may have moved, or the rows be many more than it learnt from. */
function decideUnchanged(
  situation: Situation,
  start: Decision,
  covered: Int32Array,
  options: DecideOptions,
): Decision {
  const { expert: k } = start;
  const { watched, oldCounts } = situation;
  const inputs = start.evidence?.inputs ?? 0;
  if (oldCounts !== null && covered.length > 0) {
    const learnt = learntRows(watched.current, watched.member, k);
    const { nTried } = watched.monitors[k]!;
    const nRows = (oldCounts[k] ?? 0) + covered.length;
    if (learnt > 0 && nRows >= options.moreRows * Math.max(learnt, nTried)) {
      const why = `${nRows} rows are known, it has learnt from ${learnt}`;
      const cost = costOf(situation, k, covered.length);
      const errorNow = inUnits(situation, meanSquareAt(situation, covered));
      return { ...start, action: "retrain", rows: covered, why, cost, errorNow };
    }
  }
  if (inputs < thresholdOf(situation, options)) return start;
  const why = `its inputs have moved, evidence e^${inputs.toFixed(1)}, and its law holds there`;
  return { ...start, why };
}
