/** The last stage of an update in memory: drafts become a model, and what has moved is measured. */
import type { Engine } from "../../experts/index.ts";
import type { Prediction } from "../../mixture/index.ts";
import type { Current } from "../current.ts";
import type { LawChange } from "../store/index.ts";
import type { Outcome, TrainedMember } from "../train/index.ts";
import {
  type ExpertMonitor,
  type Monitors,
  type NewRows,
  seeRows,
  startMonitors,
  type WatchedMember,
} from "../watch/index.ts";
import { type MeasuredChange, measureChange } from "./measure.ts";
import { affectedExperts, nextCurrent } from "./next-model.ts";

export interface Updated {
  /** Why nothing was learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  readonly current: Current;
  readonly outcomes: readonly Outcome[];
  /** Whether anything was replaced. */
  readonly isChanged: boolean;
  /** Of the new model: those of replaced experts start from the beginning. */
  readonly monitors: Monitors;
  /** Rows read: of earlier days, and new ones that something was learnt from. */
  readonly rowsRead: number;
  /** Multiply-adds of training. */
  readonly cost: number;
  /** Experts that are others now, or whose scores are. One list a member. */
  readonly affected: readonly (readonly number[])[];
  readonly change: MeasuredChange;
  /** Regimes of the first member that follow another law, and from where on. */
  readonly laws: readonly LawChange[];
  /** What the new model answers to the new rows. */
  readonly prediction: Prediction;
}

/** The model of the drafts, and what it answers to the rows. */
export function commitMembers(
  engine: Engine,
  watched: readonly WatchedMember[],
  trained: readonly TrainedMember[],
  nRead: number,
): Updated {
  const { current, rows } = watched[0]!;
  const drafts = trained.map(({ draft }) => draft);
  const outcomes = trained.flatMap((member) => member.outcomes);
  // Members learn from the same rows: those of one are all that were learnt from.
  const learntBy = trained.map((member) => sumOf(member.outcomes, ({ nLearnt }) => nLearnt));
  const nLearnt = Math.max(0, ...learntBy);
  const next = nextCurrent(current, drafts, current.nTrain + nLearnt);
  const affected = drafts.map(affectedExperts);
  const answers = watched.map(({ seen }) => seen);
  const step = { before: current.model, after: next.model, answers };
  return {
    warnings: [],
    current: next,
    outcomes,
    isChanged: next.model !== current.model,
    monitors: watched.map((member, m) => monitorsAfter(member, next, trained[m]!.outcomes)),
    rowsRead: nRead + nLearnt,
    cost: sumOf(outcomes, ({ cost }) => cost),
    affected,
    laws: lawChanges(trained),
    ...measureChange(engine, step, affected, rows.samples),
  };
}

function sumOf<T>(list: readonly T[], value: (one: T) => number): number {
  return list.reduce((sum, one) => sum + value(one), 0);
}

/** From where on regimes of the first member follow another law. */
export function lawChanges(trained: readonly TrainedMember[]): readonly LawChange[] {
  return (trained[0]?.outcomes ?? [])
    .filter(({ isNewLaw }) => isNewLaw)
    .map(({ expert, rows, nEarlier }) => ({ regime: expert, row: rows[0]!, nEarlier }));
}

/** Experts that are the same objects go on being watched, and what was tried is noted. */
function monitorsAfter(
  { current, member: m, monitors }: WatchedMember,
  after: Current,
  outcomes: readonly Outcome[],
): readonly ExpertMonitor[] {
  const was = current.model.members[m]!.mixture.experts;
  const fresh = startMonitors(after, m);
  return after.model.members[m]!.mixture.experts.map((expert, k) => {
    if (expert !== was[k]) return fresh[k]!;
    const { nTried = monitors[k]!.nTried } = outcomes.find((one) => one.expert === k) ?? {};
    return { ...monitors[k]!, nTried };
  });
}

/** Rows that are odd pass by: nothing is watched, decided or learnt. */
export function unchanged(
  engine: Engine,
  current: Current,
  { rows, monitors }: { readonly rows: NewRows; readonly monitors: Monitors },
  warnings: readonly string[],
): Updated {
  const { model } = current;
  const affected = model.members.map(() => []);
  const answers = model.members.map((_, m) => seeRows(engine, current, m, rows.samples));
  const step = { before: model, after: model, answers };
  return {
    warnings,
    current,
    outcomes: [],
    isChanged: false,
    monitors,
    rowsRead: 0,
    cost: 0,
    affected,
    laws: [],
    ...measureChange(engine, step, affected, rows.samples),
  };
}
