/**
 * Categories of hundreds of levels: beside the most frequent ones, a number says what each level
 * adds to the target, so that rare levels count too.
 *
 * A level's effect is a random intercept: the mean of what a ridge on the other columns leaves of
 * its rows' targets, shrunk by the spread within levels over that between them, in turns with the
 * ridge. A training row has the effect that rows of other folds give its level, so that no row's
 * target is among its inputs.
 *
 * Sources: Hajjem, Bellavance & Larocque 2014, Mixed-effects random forest for clustered data (the
 * turns); Micci-Barreca 2001, A preprocessing scheme for high-cardinality categorical attributes.
 */
import {
  type CategoryColumn,
  type Column,
  effectsOf,
  frequentLevels,
  type LevelEffects,
  levelEffectName,
  MAX_LEVELS,
  type SelectedTarget,
} from "../data/index.ts";
import { fitRidge, predictRidge, type Samples } from "../experts/index.ts";
import { mean } from "../metrics/index.ts";
import { innerFolds, standardise, takeSamples } from "../mixture/index.ts";
import { count } from "../shared/wording.ts";
import type { Chosen } from "./date-choice.ts";

const FOLDS = 5;
const SEED = 1;
const TURNS = 4;
/** By how many standard errors of chance the mean squares between and within levels must differ. */
const CLEARLY = 2;
/** A bundle keeps this many levels of a column, the most frequent. */
const MOST_LEVELS = 20_000;
/** A ridge of more columns, or a quadratic one of more rows, takes too long. */
const MOST_QUADRATIC = { columns: 12, rows: 20_000 };
const MOST_COLUMNS = 200;

/** The rows with a column of effects for each crowded category whose levels matter. */
export function addLevelEffects(selected: SelectedTarget): Chosen {
  const crowded = selected.features.columns.filter(isCrowded);
  const notes: string[] = [];
  let table = selected;
  for (const column of crowded) {
    const found = effectsFor(table, column, new Set(crowded.map(({ name }) => name)));
    notes.push(describe(column, found !== null));
    if (found !== null) table = withEffects(table, found);
  }
  return { selected: table, notes };
}

function isCrowded(column: Column): column is CategoryColumn {
  if (column.type === "number") return false;
  return levelsIn(column.values).size > MAX_LEVELS;
}

function levelsIn(values: CategoryColumn["values"]): ReadonlySet<string> {
  return new Set(values.filter((level) => level !== null));
}

function describe({ name, values }: CategoryColumn, matters: boolean): string {
  const what = `column "${name}" has ${count(levelsIn(values).size, "level")}`;
  if (!matters) return `${what}; beyond the ${MAX_LEVELS} most frequent they say nothing`;
  return `${what}; what each adds to the target is a feature, "${levelEffectName(name)}"`;
}

interface Found {
  readonly learnt: LevelEffects;
  /** Of each row's level, from rows of other folds. Shape (nRows,). */
  readonly values: Float64Array;
}

function withEffects(selected: SelectedTarget, { learnt, values }: Found): SelectedTarget {
  const { features } = selected;
  const column = { type: "number", name: levelEffectName(learnt.column), values } as const;
  return {
    ...selected,
    features: {
      ...features,
      columns: [...features.columns, column],
      effects: [...(features.effects ?? []), learnt],
    },
  };
}

/** null where levels differ by no more than chance makes them. */
function effectsFor(
  table: SelectedTarget,
  column: CategoryColumn,
  crowded: ReadonlySet<string>,
): Found | null {
  const name = levelEffectName(column.name);
  // A column of that name would be taken for the effect.
  if (table.features.columns.some((own) => own.name === name)) return null;
  const others = table.features.columns.filter((own) => !crowded.has(own.name));
  const samples = samplesOf(table, others, column);
  const kept = new Set(frequentLevels(column.values, MOST_LEVELS));
  const levels = column.values.map((level) => (level !== null && kept.has(level) ? level : null));
  const learnt = learnEffects(column.name, samples, levels);
  if (learnt === null) return null;
  const values = new Float64Array(levels.length);
  for (const { train, test } of innerFolds(samples, { folds: FOLDS, seed: SEED })) {
    const seen = Array.from(train, (i) => levels[i]!);
    const ofFold = learnEffects(column.name, takeSamples(samples, train), seen);
    if (ofFold === null) continue;
    const cells = { ...column, values: Array.from(test, (i) => levels[i]!) };
    effectsOf(cells, ofFold).forEach((effect, t) => {
      values[test[t]!] = effect;
    });
  }
  return { learnt, values };
}

/** Without other columns, one column that says nothing. */
function samplesOf(
  table: SelectedTarget,
  others: readonly Column[],
  { values }: CategoryColumn,
): Samples {
  const nothing: Column = { type: "number", name: "", values: new Float64Array(values.length) };
  const columns = others.length === 0 ? [nothing] : others;
  return standardise({ ...table, features: { ...table.features, columns } }).samples;
}

/** @param levels - Of each row; null where it is missing. */
function learnEffects(
  column: string,
  samples: Samples,
  levels: readonly (string | null)[],
): LevelEffects | null {
  let effects: ReadonlyMap<string, number> | null = new Map();
  for (let turn = 0; turn < TURNS && effects !== null; turn++) {
    const known: ReadonlyMap<string, number> = effects;
    const rest = samples.y.map((value, i) => value - (known.get(levels[i] ?? "") ?? 0));
    const answers = predictOthers({ ...samples, y: rest });
    effects = randomIntercepts(
      Float64Array.from(samples.y, (value, i) => value - answers[i]!),
      levels,
    );
  }
  if (effects === null) return null;
  const sorted = [...effects].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    column,
    levels: sorted.map(([level]) => level),
    effects: sorted.map(([, effect]) => effect),
  };
}

/** What the other columns say of the targets. */
function predictOthers(samples: Samples): ArrayLike<number> {
  const { nColumns, nRows } = samples.X;
  if (nColumns > MOST_COLUMNS) return new Float64Array(nRows).fill(mean(samples.y));
  const isQuadratic = nColumns <= MOST_QUADRATIC.columns && nRows <= MOST_QUADRATIC.rows;
  return predictRidge(fitRidge(samples, isQuadratic ? 2 : 1), samples.X);
}

/**
 * The best linear unbiased prediction of each level's effect, with the variance within and between
 * levels by the method of moments (Henderson 1953); null where levels differ as chance makes them.
 */
function randomIntercepts(
  rest: Float64Array,
  levels: readonly (string | null)[],
): ReadonlyMap<string, number> | null {
  const groups = new Map<string, number[]>();
  levels.forEach((level, i) => {
    if (level === null) return;
    const group = groups.get(level);
    if (group === undefined) groups.set(level, [rest[i]!]);
    else group.push(rest[i]!);
  });
  const all = [...groups.values()];
  const n = all.reduce((total, group) => total + group.length, 0);
  const middle = mean(all.flat());
  const freedom = n - all.length;
  // With one row a level nothing tells levels from noise.
  if (freedom < 1) return null;
  let [inside, between, squares] = [0, 0, 0];
  for (const group of all) {
    const groupMean = mean(group);
    for (const value of group) inside += (value - groupMean) ** 2;
    between += group.length * (groupMean - middle) ** 2;
    squares += group.length ** 2;
  }
  const noise = inside / freedom;
  const ofChance = 1 + CLEARLY * Math.sqrt(2 / (all.length - 1) + 2 / freedom);
  if (!(between / (all.length - 1) > ofChance * noise)) return null;
  const spread = (between - (all.length - 1) * noise) / (n - squares / n);
  const shrinkage = noise / spread;
  const effectOf = (group: readonly number[]): number =>
    (group.length * (mean(group) - middle)) / (group.length + shrinkage);
  return new Map(Array.from(groups, ([level, group]) => [level, effectOf(group)]));
}
