/**
 * Strange rows first go to the experts that they are routed to, where those can learn them beside
 * their regime's rows; the rows that are left are a new regime.
 */
import { mean } from "../../metrics/index.ts";
import { expertId, takeSamples } from "../../mixture/index.ts";
import { childSeed } from "../../shared/rng.ts";
import type { Decision } from "../decide/index.ts";
import { coveredRows, type WatchedMember } from "../watch/index.ts";
import { clipped } from "./describe.ts";
import type { Draft } from "./draft.ts";
import { canExtend, errorsOn } from "./expert/index.ts";
import { addExpert, type NewRegime } from "./new-expert.ts";
import { keepInstead, type Outcome } from "./outcome.ts";
import { retrain } from "./retrain.ts";
import { joinKnown } from "./samples.ts";
import type { Training } from "./training.ts";

const MIN_EXTENSION = 12;
const MIN_NEW_REGIME = 20;

interface Steps {
  readonly draft: Draft;
  readonly outcomes: readonly Outcome[];
}

export async function grow(
  watched: WatchedMember,
  draft: Draft,
  decision: Decision,
  training: Training,
): Promise<Steps> {
  const { experts } = watched.seen.route;
  let steps: Steps = { draft, outcomes: [] };
  let left = decision.rows;
  for (const k of new Set(Array.from(left, (i) => experts[i]!))) {
    const rows = left.filter((i) => experts[i] === k);
    if (!(await goesOn(watched, steps.draft, { k, rows }, training))) continue;
    left = left.filter((i) => !rows.includes(i));
    const step = await retrain(
      watched,
      steps.draft,
      extension(watched, decision, k, rows),
      training,
    );
    steps = { draft: step.draft, outcomes: [...steps.outcomes, step.outcome] };
  }
  if (left.length >= MIN_NEW_REGIME) {
    const regime = newRegime(watched, steps.draft, { ...decision, rows: left }, training);
    const step = await addExpert(watched, steps.draft, regime, training);
    return { draft: step.draft, outcomes: [...steps.outcomes, step.outcome] };
  }
  if (steps.outcomes.length > 0) return steps;
  return {
    draft,
    outcomes: [keepInstead(draft, decision, { why: "too few strange rows" }).outcome],
  };
}

/** Whether expert k learns its strange rows beside its regime's as well as two experts would. */
async function goesOn(
  watched: WatchedMember,
  draft: Draft,
  { k, rows }: { readonly k: number; readonly rows: Int32Array },
  { old, executor, seed }: Training,
): Promise<boolean> {
  const { current, member, rows: newRows, seen } = watched;
  const stored = await old(k);
  if (stored === null || rows.length < MIN_EXTENSION) return false;
  const covered = coveredRows(seen, k);
  const latest = covered.length === 0 ? null : takeSamples(newRows.samples, covered);
  const regime = joinKnown(stored, latest)!;
  const start = clipped(draft.experts[k]!, current.model.preprocessing.target);
  const learning = { executor, seed: childSeed(seed, `extending ${k} of member ${member}`) };
  return canExtend(start, takeSamples(newRows.samples, rows), regime, learning);
}

/** The decision that expert k learns strange rows too. */
function extension(
  { seen, member }: WatchedMember,
  decision: Decision,
  k: number,
  strange: Int32Array,
): Decision {
  const rows = Int32Array.from([...strange, ...coveredRows(seen, k)]).sort();
  const why = `${strange.length} strange rows go on where its own end`;
  const id = expertId(member, k);
  return { ...decision, action: "retrain", expert: k, id, rows, why, errorExpected: null };
}

/** A regime of strange rows, told from the experts that they are routed to now. */
function newRegime(
  { rows: { samples }, seen, current }: WatchedMember,
  { experts }: Draft,
  decision: Decision,
  { executor }: Training,
): NewRegime {
  const routed = new Set(Array.from(decision.rows, (i) => seen.route.experts[i]!));
  const losers = [...routed].sort((a, b) => a - b);
  const kept = Int32Array.from(losers.flatMap((k) => [...coveredRows(seen, k)]));
  const shown = takeSamples(samples, decision.rows);
  const { target } = current.model.preprocessing;
  const losses = experts.map((one) => {
    return mean(errorsOn(executor, clipped(one, target), shown).map((error) => error ** 2));
  });
  // It starts from the expert whose law is nearest.
  const from = losses.indexOf(Math.min(...losses));
  return { decision, from, division: { experts: losers, rows: kept, withOld: true } };
}
