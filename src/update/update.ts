/**
 * An update: what a batch of new rows changes in a model, and nothing else.
 *
 * Look at the new rows with every expert's monitor; decide, expert by expert; train, verify and
 * replace those that have changed. Experts that have not are the same objects afterwards, and a row
 * that none of the changed ones has a say in, before or after, keeps its answer to the last bit.
 */

import type { Samples } from "../experts/index.ts";
import {
  type Executor,
  type Prediction,
  prepareSamples,
  type TrainingTable,
} from "../mixture/index.ts";
import { carryOut } from "./carry-out.ts";
import type { Current, KnownExpert } from "./current.ts";
import { DEFAULT_DECIDE, type DecideOptions, decide, type Situation } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { affectedExperts, type Draft, explanationOf, intervalsAfter, mixtureOf } from "./draft.ts";
import { oddColumns } from "./guard.ts";
import { type MeasuredChange, measureChange } from "./measure.ts";
import type { ExpertMonitor } from "./monitor.ts";
import { observeSeen, seeRows, startMonitors } from "./observe.ts";
import { createReader, type OldRows } from "./old-rows.ts";
import { preferRefit, refitCost } from "./refit-cost.ts";
import type { LawChange } from "./store/index.ts";
import type { Bins } from "./two-sample.ts";
import type { Outcome } from "./verify.ts";

export interface UpdateOptions {
  readonly executor: Executor;
  readonly seed: number;
  /** Rows of earlier days; null if none were kept. */
  readonly old?: OldRows | null;
  /** Experts that served before, of a member; asked for when a law has changed. */
  readonly retired?: (m: number) => Promise<readonly KnownExpert[]>;
  /** Monitors that have seen earlier rows of this model; fresh ones if not given. */
  readonly monitors?: readonly (readonly ExpertMonitor[])[];
  readonly decide?: Partial<DecideOptions>;
  /** How the inputs of the first member's experts lay, one an expert; null where not known. */
  readonly bins?: readonly (readonly Bins[] | null)[] | null;
}

/** What an update would do. */
export interface UpdatePlan {
  /** Why nothing is learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  readonly decisions: readonly Decision[];
  /** After the new rows; to go on with if nothing is changed. One list a member. */
  readonly monitors: readonly (readonly ExpertMonitor[])[];
}

export interface Updated {
  /** Why nothing was learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  readonly current: Current;
  readonly outcomes: readonly Outcome[];
  /** Whether anything was replaced. */
  readonly isChanged: boolean;
  /** Of the new model: those of experts that were replaced start afresh. One list a member. */
  readonly monitors: readonly (readonly ExpertMonitor[])[];
  /** Rows read: of earlier days, and new ones that something was learnt from. */
  readonly rowsRead: number;
  /** Multiply-adds of training. */
  readonly cost: number;
  /** Experts that are others now, or whose scores are. One list a member. */
  readonly affected: readonly (readonly number[])[];
  readonly change: MeasuredChange;
  /** Of the first member's regimes. */
  readonly laws: readonly LawChange[];
  /** What the new model answers to the new rows. */
  readonly prediction: Prediction;
}

/** Decides, and does nothing. @throws as preprocessing does. */
export async function planUpdate(
  current: Current,
  table: TrainingTable,
  options: UpdateOptions,
): Promise<UpdatePlan> {
  const warnings = oddColumns(current.model.preprocessing, table.features, table.y);
  if (warnings.length > 0) return { warnings, decisions: [], monitors: watched(current, options) };
  const samples = samplesOf(current, table);
  const parts = await situationsOf(current, samples, options);
  return {
    warnings,
    decisions: parts.flatMap(({ decisions }) => decisions),
    monitors: parts.map(({ situation }) => situation.monitors),
  };
}

/**
 * The model after new rows with known targets, in the order in which they came.
 *
 * @param table - Features by the model's names, and targets.
 * @throws as preprocessing does; EXPERT_DIVERGED never: an expert that diverged is not taken.
 */
export async function update(
  current: Current,
  table: TrainingTable,
  options: UpdateOptions,
): Promise<Updated> {
  const { executor, seed } = options;
  const samples = samplesOf(current, table);
  const warnings = oddColumns(current.model.preprocessing, table.features, table.y);
  if (warnings.length > 0) return untouched(current, samples, options, warnings);
  const old = createReader(executor.engine, current.model, options.old ?? null);
  const parts = await situationsOf(current, samples, options);
  const drafts: Draft[] = [];
  const outcomes: Outcome[] = [];
  const byMember: (readonly Outcome[])[] = [];
  for (const { situation, decisions } of parts) {
    const { member, seen } = situation;
    const work = { executor, seed, current, member, table, samples, seen, old };
    const carried = await carryOut(work, decisions);
    drafts.push(carried.draft);
    outcomes.push(...carried.outcomes);
    byMember.push(carried.outcomes);
    for (const { regime, nEarlier } of lawChanges(carried.outcomes)) old.outdate(regime, nEarlier);
  }
  const members = current.model.members.map(({ weight, mixture }, m) => {
    const own = mixtureOf(drafts[m]!);
    return own === mixture ? current.model.members[m]! : { weight, mixture: own };
  });
  const isChanged = members.some((member, m) => member !== current.model.members[m]);
  const explained = drafts.map(explanationOf);
  const affected = drafts.map(affectedExperts);
  // Members learn from the same rows: those of one are all that were learnt from.
  const learntBy = byMember.map((own) => own.reduce((sum, { nLearnt }) => sum + nLearnt, 0));
  const nLearnt = Math.max(0, ...learntBy);
  const next: Current = {
    model: isChanged
      ? { ...current.model, members, ...intervalsAfter(current.model.intervals, drafts) }
      : current.model,
    experts: drafts.map(({ experts }) => experts.map(({ report }) => report)),
    explanation: explained.every((one) => one !== null) ? { members: explained } : null,
    nTrain: current.nTrain + nLearnt,
  };
  return {
    warnings,
    current: next,
    outcomes,
    isChanged,
    monitors: parts.map(({ situation }, m) => nextMonitors(current, next, m, situation.monitors)),
    rowsRead: old.nRead() + nLearnt,
    cost: outcomes.reduce((sum, outcome) => sum + outcome.cost, 0),
    affected,
    laws: lawChanges(outcomes),
    ...measureChange(
      executor.engine,
      {
        before: current.model,
        after: next.model,
        answers: parts.map(({ situation }) => situation.seen),
      },
      affected,
      samples,
    ),
  };
}

function lawChanges(outcomes: readonly Outcome[]): readonly LawChange[] {
  return outcomes
    .filter(({ member, isNewLaw }) => member === 0 && isNewLaw)
    .map(({ expert, rows, nEarlier }) => ({ regime: expert, row: rows[0]!, nEarlier }));
}

function watched(current: Current, { monitors }: UpdateOptions): UpdatePlan["monitors"] {
  return monitors ?? current.model.members.map((_, m) => startMonitors(current, m));
}

function untouched(
  current: Current,
  samples: Samples,
  options: UpdateOptions,
  warnings: readonly string[],
): Updated {
  const none = current.model.members.map(() => []);
  const answers = current.model.members.map((_, m) =>
    seeRows(options.executor.engine, current, m, samples),
  );
  const step = { before: current.model, after: current.model, answers };
  return {
    warnings,
    current,
    outcomes: [],
    isChanged: false,
    monitors: watched(current, options),
    rowsRead: 0,
    cost: 0,
    affected: none,
    laws: [],
    ...measureChange(options.executor.engine, step, none, samples),
  };
}

function samplesOf({ model }: Current, table: TrainingTable): Samples {
  return prepareSamples(model.preprocessing, table, Int32Array.from(table.y.keys()));
}

interface Part {
  readonly situation: Situation;
  readonly decisions: readonly Decision[];
}

async function situationsOf(
  current: Current,
  samples: Samples,
  { executor, seed, old, retired, monitors, decide: own, bins = null }: UpdateOptions,
): Promise<readonly Part[]> {
  const { engine } = executor;
  const parts: Part[] = [];
  for (const member of current.model.members.keys()) {
    const seen = seeRows(engine, current, member, samples);
    const before = monitors?.[member] ?? startMonitors(current, member, member === 0 ? bins : null);
    const situation: Situation = {
      current,
      member,
      samples,
      seen,
      monitors: observeSeen(before, seen, samples),
      seenBefore: before.map(({ nCovered }) => nCovered),
      oldCounts: member === 0 ? (old?.counts ?? null) : null,
      retired: async () => (await retired?.(member)) ?? [],
    };
    const all = { ...DEFAULT_DECIDE, seed, ...own };
    // All members ask of the same rows: together they may be wrong as seldom as one.
    const alpha = all.alpha / current.model.members.length;
    const decisions = await decide(engine, situation, { ...all, alpha });
    parts.push({ situation, decisions });
  }
  return preferWhole(current, parts);
}

/** All members' parts against one fit of everything. */
function preferWhole(current: Current, parts: readonly Part[]): readonly Part[] {
  const { members } = current.model;
  const whole = members.reduce((sum, { mixture: { experts } }) => {
    return sum + refitCost(experts[0]!, experts.length, current.nTrain);
  }, 0);
  const all = preferRefit(
    parts.flatMap(({ decisions }) => decisions),
    whole,
  );
  return parts.map(({ situation }) => {
    const decisions = all.filter(({ member }) => member === situation.member);
    return { situation, decisions };
  });
}

/** Experts that are the same objects go on being watched as before. */
function nextMonitors(
  before: Current,
  after: Current,
  m: number,
  monitors: readonly ExpertMonitor[],
): readonly ExpertMonitor[] {
  const was = before.model.members[m]!.mixture.experts;
  const fresh = startMonitors(after, m);
  return after.model.members[m]!.mixture.experts.map((expert, k) =>
    expert === was[k] ? monitors[k]! : fresh[k]!,
  );
}
