/**
 * Which parts of its dates a table needs: a date has a trend, a season, a week and a day, and most
 * targets follow few of them. Parts that say nothing cost a small table much of its accuracy.
 *
 * Forward selection (Efroymson 1960): to the other features, the group of parts joins that lowers
 * the held-out error of a quadratic ridge most, as long as it does by two standard errors.
 */
import {
  type DatePartName,
  datePartName,
  datePartsOf,
  featureWidth,
  type Preprocessing,
  type SelectedTarget,
} from "../data/index.ts";
import { fitRidge, predictRidge, type Samples } from "../experts/index.ts";
import { mean, standardError } from "../metrics/index.ts";
import { innerFolds, standardise } from "../mixture/index.ts";
import { takeColumns } from "../shared/matrix.ts";
import { answerHeldOut } from "./quick-fits.ts";

/** Parts that join together. */
const GROUPS: readonly (readonly DatePartName[])[] = [
  ["days"],
  ["year"],
  ["month"],
  ["sine of year", "cosine of year"],
  ["weekend"],
  ["sine of week", "cosine of week"],
  ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  ["hour"],
  ["sine of day", "cosine of day"],
];

/** Larger tables keep all parts: there they cost little, and a ridge would miss what bends. */
const MOST_ROWS = 2000;
const MOST_COLUMNS = 200;
/** A quadratic ridge of more columns has too many terms for these rows. */
const MOST_QUADRATIC = 12;
const FOLDS = 5;
const SEED = 1;
/** By how many standard errors a group must lower the error. */
const CLEARLY = 2;

/** Features that join together, by name. */
type Group = readonly string[];

/** A choice about the rows, before a fit. */
export interface Chosen {
  readonly selected: SelectedTarget;
  /** What was chosen, in sentences. */
  readonly notes: readonly string[];
}

/**
 * The rows without the parts of dates that did not help. A large table, and one of nothing else,
 * keep all.
 */
export function chooseDateParts(selected: SelectedTarget): Chosen {
  const { features } = selected;
  const dates = (features.readings ?? []).filter(({ isDate }) => isDate === true);
  const names = new Set(features.columns.map(({ name }) => name));
  const groups = dates.flatMap(({ column }) =>
    GROUPS.map((parts) => parts.map((part) => datePartName(column, part))).filter((group) =>
      group.every((name) => names.has(name)),
    ),
  );
  const isLarge = selected.y.length > MOST_ROWS || names.size > MOST_COLUMNS;
  if (groups.length === 0 || isLarge) return { selected, notes: [] };
  const chosen = new Set(forward(selected, groups).flat());
  const parts = new Set(groups.flat());
  const columns = features.columns.filter(({ name }) => !parts.has(name) || chosen.has(name));
  if (columns.length === 0) return { selected, notes: [] };
  return {
    selected: { ...selected, features: { ...features, columns } },
    notes: dates.map(({ column }) => describeChoice(column, groups, chosen)),
  };
}

/** The rows with those parts of dates that are features of a model fitted to them. */
export function keepChosenDates(
  selected: SelectedTarget,
  preprocessing: Preprocessing,
): SelectedTarget {
  const { features } = selected;
  const parts = datePartsOf(features);
  const used = new Set(preprocessing.features.map(({ name }) => name));
  const columns = features.columns.filter(({ name }) => !parts.has(name) || used.has(name));
  return { ...selected, features: { ...features, columns } };
}

function describeChoice(
  column: string,
  groups: readonly Group[],
  chosen: ReadonlySet<string>,
): string {
  const prefix = `${column} (`;
  const used = [...new Set(groups.flat())]
    .filter((name) => name.startsWith(prefix) && chosen.has(name))
    .map((name) => name.slice(prefix.length, -1));
  if (used.length === 0)
    return `column "${column}": no part of its dates lowers the held-out error`;
  return `column "${column}": of its dates these parts are features: ${used.join(", ")}`;
}

function forward(table: SelectedTarget, groups: readonly Group[]): readonly Group[] {
  const { preprocessing, samples } = standardise(table, Int32Array.from(table.y.keys()));
  const places = new Map<string, readonly number[]>();
  let at = 0;
  for (const feature of preprocessing.features) {
    const width = featureWidth(feature);
    places.set(
      feature.name,
      Array.from({ length: width }, (_, w) => at + w),
    );
    at += width;
  }
  const inGroups = new Set(groups.flat());
  const base = [...places.keys()].filter((name) => !inGroups.has(name));
  const ridgeLosses = createLosses(samples);
  return grow(groups, (chosen) =>
    ridgeLosses([...base, ...new Set(chosen.flat())].flatMap((name) => places.get(name)!)),
  );
}

/** Squared held-out errors of the rows with these groups. */
type Losses = (chosen: readonly Group[]) => Float64Array;

function grow(groups: readonly Group[], lossesOf: Losses): readonly Group[] {
  let chosen: readonly Group[] = [];
  let losses = lossesOf(chosen);
  for (;;) {
    const tried = groups
      .filter((group) => !chosen.includes(group))
      .map((group) => ({ group, losses: lossesOf([...chosen, group]) }))
      .sort((a, b) => mean(a.losses) - mean(b.losses));
    const [best] = tried;
    if (best === undefined || !isHigher(losses, best.losses, CLEARLY)) break;
    // Of groups that do about as well, the one of fewest parts.
    const [taken] = tried
      .filter((one) => one === best || !isHigher(one.losses, best.losses, 1))
      .sort((a, b) => a.group.length - b.group.length);
    chosen = [...chosen, taken!.group];
    losses = taken!.losses;
  }
  return prune(chosen, lossesOf);
}

/** Without the groups that later ones have made needless, the earliest first. */
function prune(chosen: readonly Group[], lossesOf: Losses): readonly Group[] {
  return chosen.reduce((left, group) => {
    const without = left.filter((other) => other !== group);
    return isHigher(lossesOf(without), lossesOf(left), CLEARLY) ? left : without;
  }, chosen);
}

/** Whether losses are higher in the mean, by that number of standard errors of the difference. */
function isHigher(losses: Float64Array, others: Float64Array, errors: number): boolean {
  const differences = losses.map((loss, r) => loss - others[r]!);
  return mean(differences) > errors * standardError(differences);
}

/** Squared held-out errors of a ridge on the given matrix columns, row by row. */
function createLosses(samples: Samples): (columns: readonly number[]) => Float64Array {
  const folds = innerFolds(samples, { folds: FOLDS, seed: SEED });
  return (columns) => {
    const taken: Samples = { ...samples, X: takeColumns(samples.X, columns) };
    const degree = columns.length <= MOST_QUADRATIC ? 2 : 1;
    const answers = answerHeldOut(taken, folds, (seen, X) =>
      columns.length === 0
        ? new Float64Array(X.nRows).fill(mean(seen.y))
        : predictRidge(fitRidge(seen, degree), X),
    );
    return answers.map((answer, row) => (answer - samples.y[row]!) ** 2);
  };
}
