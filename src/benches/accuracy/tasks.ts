/** The splits that `bench accuracy` runs, and in which order. */
import {
  groupedKFold,
  kFold,
  type OpenedData,
  openData,
  publishedSplits,
  type SelectedTarget,
  type Split,
  selectFrom,
} from "../../data/index.ts";
import { childSeed } from "../../shared/rng.ts";

export interface AccuracyTask {
  readonly data: OpenedData;
  readonly table: SelectedTarget;
  readonly number: number;
  readonly split: Split;
  /** Whether the set has more than 3,000 rows. */
  readonly isLarge: boolean;
  /** Whether the baselines that need a separate fit are run. */
  readonly isWhole: boolean;
  /** Whether the slower peers are asked. */
  readonly asksAll: boolean;
}

/** Splits by number, from 0; both ends included. */
export interface SplitRange {
  readonly first: number;
  readonly last: number;
}

export interface TaskOptions {
  readonly sets: readonly string[];
  /** null for the first 5 of a large set, and all of a small one or one of groups. */
  readonly splits: SplitRange | null;
  readonly mirror?: string | undefined;
  readonly seed: number;
}

const FOLDS = 10;
/** A set with more rows is large: fewer of its splits are run. */
const LARGE = 3000;
const SPLITS_OF_LARGE = 5;
/** The first splits of a set run whole; slower peers see only the first of a small set. */
const ASKS_ALL_UP_TO = 2000;
const WHOLE_SPLITS = { small: 2, large: 1 };

/**
 * Round by round, the first split of every set before the second of any, small sets first: a run
 * that is cut short has all sets.
 */
export async function listTasks(options: TaskOptions): Promise<readonly AccuracyTask[]> {
  const bySet: (readonly AccuracyTask[])[] = [];
  for (const set of options.sets) bySet.push(await tasksOf(set, options));
  const sizeOf = (tasks: readonly AccuracyTask[]): number => tasks[0]?.table.y.length ?? 0;
  const smallFirst = bySet.sort((a, b) => sizeOf(a) - sizeOf(b));
  const longest = Math.max(...smallFirst.map((tasks) => tasks.length));
  return Array.from({ length: longest }, (_, s) =>
    smallFirst.flatMap((tasks) => tasks[s] ?? []),
  ).flat();
}

/** A set's published splits where it has them, ten folds otherwise; groups are kept whole. */
export async function tasksOf(
  set: string,
  { mirror, splits: wanted, seed }: Omit<TaskOptions, "sets">,
): Promise<readonly AccuracyTask[]> {
  const data = await openData(set, { mirror });
  const table = selectFrom(data, {});
  const isLarge = table.y.length > LARGE;
  const splits = await splitsOf(data, table, seed);
  // What a set of groups has many or few of is groups: all folds, so that each is tested once.
  const nRun = isLarge && table.groups === null ? SPLITS_OF_LARGE : splits.length;
  const usual = { first: 0, last: nRun - 1 };
  const { first, last } = wanted ?? usual;
  const nWhole = isLarge ? WHOLE_SPLITS.large : WHOLE_SPLITS.small;
  return splits
    .map((split, number) => ({
      data,
      table,
      number,
      split,
      isLarge,
      isWhole: number < nWhole,
      asksAll: number === 0 && table.y.length <= ASKS_ALL_UP_TO,
    }))
    .slice(first, last + 1);
}

async function splitsOf(
  data: OpenedData,
  { y, groups }: SelectedTarget,
  seed: number,
): Promise<readonly Split[]> {
  if (data.dataset !== null && data.dataset.splits !== null) return publishedSplits(data);
  const folding = { folds: FOLDS, seed: childSeed(seed, "folds") };
  return groups === null ? kFold(y.length, folding) : groupedKFold(groups, folding);
}
