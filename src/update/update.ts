/**
 * An update: what a batch of new rows changes in a model, and nothing else.
 *
 * Four stages, each of which takes data and gives data: watch/ shows the rows to the monitor of
 * every expert; decide/ makes a decision for each expert; train/ trains, verifies and replaces
 * experts; commit/ puts the model together and measures what has moved. Experts without a change
 * are the same objects afterwards. A row in which no changed expert has a say, before or after,
 * keeps its answer to the last bit.
 */
import { type Executor, prepareSamples, type TrainingTable } from "../mixture/index.ts";
import { commitMembers, lawChanges, type Updated, unchanged } from "./commit/index.ts";
import type { Current, KnownExpert } from "./current.ts";
import {
  DEFAULT_DECIDE,
  type DecideOptions,
  type Decision,
  decideMember,
  preferWholeFit,
} from "./decide/index.ts";
import type { OldRows } from "./store/index.ts";
import { createReader, type OldRowReader, type TrainedMember, trainMember } from "./train/index.ts";
import {
  type Bins,
  type Monitors,
  type NewRows,
  oddColumns,
  startMonitors,
  type WatchedMember,
  watchMember,
} from "./watch/index.ts";

export interface UpdateOptions {
  readonly executor: Executor;
  readonly seed: number;
  /** Rows of earlier days; null if none were kept. */
  readonly old?: OldRows | null;
  /** Experts of a member in earlier versions; asked for when a law has changed. */
  readonly retired?: (m: number) => Promise<readonly KnownExpert[]>;
  /** Monitors that have seen earlier rows of this model; fresh ones if not given. */
  readonly monitors?: Monitors;
  readonly decide?: Partial<DecideOptions>;
  /** Bins of the inputs of the first member's experts, one an expert; null where not known. */
  readonly bins?: readonly (readonly Bins[] | null)[] | null;
}

/** What an update would do. */
export interface UpdatePlan {
  /** Why nothing is learnt from these rows; empty if nothing is odd. */
  readonly warnings: readonly string[];
  readonly decisions: readonly Decision[];
  /** After the new rows; to go on with if nothing is changed. */
  readonly monitors: Monitors;
}

/** Decides, and does nothing. @throws as preprocessing does. */
export async function planUpdate(
  current: Current,
  table: TrainingTable,
  options: UpdateOptions,
): Promise<UpdatePlan> {
  const warnings = oddColumns(current.model.preprocessing, table.features, table.y);
  if (warnings.length > 0) {
    return { warnings, decisions: [], monitors: monitorsBefore(current, options) };
  }
  const watched = watch(current, newRows(current, table), options);
  const decisions = await decide(watched, options);
  return { warnings, decisions, monitors: watched.map(({ monitors }) => monitors) };
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
  const { executor, old = null } = options;
  const rows = newRows(current, table);
  const warnings = oddColumns(current.model.preprocessing, table.features, table.y);
  if (warnings.length > 0) return passBy(current, table, options, warnings);
  const watched = watch(current, rows, options);
  const decisions = await decide(watched, options);
  const reader = createReader(executor.engine, current.model, old);
  const trained = await train(watched, decisions, reader, options);
  return commitMembers(executor.engine, watched, trained, reader.nRead());
}

/** Rows that are only predicted: nothing is watched, decided or learnt. */
export function passBy(
  current: Current,
  table: TrainingTable,
  options: UpdateOptions,
  warnings: readonly string[] = [],
): Updated {
  const monitors = monitorsBefore(current, options);
  const rows = newRows(current, table);
  return unchanged(options.executor.engine, current, { rows, monitors }, warnings);
}

function newRows({ model }: Current, table: TrainingTable): NewRows {
  const all = Int32Array.from(table.y.keys());
  return { table, samples: prepareSamples(model.preprocessing, table, all) };
}

/** Every member sees the rows. */
function watch(current: Current, rows: NewRows, options: UpdateOptions): readonly WatchedMember[] {
  const { engine } = options.executor;
  return monitorsBefore(current, options).map((before, member) =>
    watchMember(engine, current, rows, { member, before }),
  );
}

function monitorsBefore(current: Current, { monitors, bins = null }: UpdateOptions): Monitors {
  const { members } = current.model;
  return monitors ?? members.map((_, m) => startMonitors(current, m, m === 0 ? bins : null));
}

/** Decisions about all members, in their order. */
async function decide(
  watched: readonly WatchedMember[],
  { executor, seed, old, retired, decide: given }: UpdateOptions,
): Promise<readonly Decision[]> {
  const options = { ...DEFAULT_DECIDE, seed, ...given };
  // All members ask of the same rows: together they may be wrong as seldom as one.
  const alpha = options.alpha / watched.length;
  const decisions: Decision[] = [];
  for (const one of watched) {
    const { member } = one;
    const situation = {
      watched: one,
      oldCounts: member === 0 ? (old?.counts ?? null) : null,
      retired: async () => (await retired?.(member)) ?? [],
    };
    decisions.push(...(await decideMember(executor.engine, situation, { ...options, alpha })));
  }
  return preferWholeFit(watched[0]!.current, decisions);
}

/** Members are trained one after the other: old rows of laws that are over teach no later one. */
async function train(
  watched: readonly WatchedMember[],
  decisions: readonly Decision[],
  reader: OldRowReader,
  { executor, seed }: UpdateOptions,
): Promise<readonly TrainedMember[]> {
  const trained: TrainedMember[] = [];
  for (const one of watched) {
    const { member } = one;
    const laws = lawChanges(trained);
    const old = (k: number) => reader.read(member, k, laws);
    const ofMember = decisions.filter((decision) => decision.member === member);
    trained.push(await trainMember(one, ofMember, { executor, seed, old }));
  }
  return trained;
}
