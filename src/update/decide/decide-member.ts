/**
 * The second stage of an update: a decision for each expert of a member, before anything is done.
 *
 * Cheap: it predicts, and trains nothing but a small SVM where a part of a regime may have changed.
 */
import type { Engine } from "../../experts/index.ts";
import { decideExpert } from "./decide-expert.ts";
import type { Decision } from "./decision.ts";
import { decideGrowth } from "./growth.ts";
import { costOf, type DecideOptions, isWhole, type Situation } from "./situation.ts";

/** One decision an expert, in their order, and one more if there is to be a new regime. */
export async function decideMember(
  engine: Engine,
  situation: Situation,
  options: DecideOptions,
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  for (const k of situation.watched.monitors.keys()) {
    decisions.push(await decideExpert(engine, situation, k, options));
  }
  const grown = decideGrowth(situation, options);
  if (grown === null) return decisions;
  return isWhole(situation) ? [takeIn(situation, decisions[0]!, grown)] : [...decisions, grown];
}

/** An only expert learns strange rows too, unless it is trained again anyway. */
function takeIn(situation: Situation, decision: Decision, grown: Decision): Decision {
  if (decision.action !== "keep" || grown.action !== "grow") return decision;
  const rows = Int32Array.from(situation.watched.rows.samples.y.keys());
  const { why, errorNow } = grown;
  const cost = costOf(situation, 0, rows.length);
  return { ...decision, action: "retrain", rows, why, errorNow, cost };
}
