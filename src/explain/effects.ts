/**
 * The main effects of an expert: how its answer depends on one feature at a time.
 *
 * The expert answers rows of the regime with one feature set to each of its values in the regime;
 * the mean over rows is the partial dependence (Friedman 2001). The feature's importance is the
 * variance of a row's answer over these values, averaged over rows. It counts interactions too
 * (the total effect of Sobol' 2001, by Jansen's estimate, if features are independent).
 */
import {
  answerInUnits,
  applyPreprocessing,
  type Column,
  type Feature,
  featureWidth,
  type Table,
} from "../data/index.ts";
import { type Engine, type Expert, predictExpert } from "../experts/index.ts";
import { type Model, predictMatrix } from "../mixture/index.ts";
import { type Matrix, takeRows } from "../shared/matrix.ts";
import type { Effect } from "./explanation.ts";
import { sampleOf, sixDigits } from "./numbers.ts";

/** Most rows of the regime that are used. */
const MAX_ROWS = 100;
/** Number of values of a numeric feature: quantiles at the middles of equal parts. */
const N_QUANTILES = 20;
const MAX_LEVELS = 12;
const MAX_EFFECTS = 3;
/** An effect below this share of the largest is left out. */
const MIN_IMPORTANCE = 0.05;
/** Most features tried, among those that vary within the regime, in the table's order. */
const MAX_FEATURES = 200;

/** The rows that an expert's effects are measured on. */
export interface Ground {
  readonly table: Table;
  /** All rows of the table, preprocessed. */
  readonly X: Matrix;
  /** The numbers of the regime's rows. */
  readonly rows: Int32Array;
}

/** Answers to preprocessed rows, in the target's units. */
type Answerer = (X: Matrix) => Float64Array;

/** The most important features first; empty if no feature changes the answer. */
export function mainEffects(
  engine: Engine,
  expert: Expert,
  preprocessing: Model["preprocessing"],
  ground: Ground,
): readonly Effect[] {
  const names = preprocessing.features.map(({ name }) => name);
  const answer = answerer(engine, expert, preprocessing);
  const effects = effectsOf(answer, preprocessing, ground, names);
  const sorted = [...effects].sort((a, b) => b.importance - a.importance);
  const least = MIN_IMPORTANCE * (sorted[0]?.importance ?? 0);
  return sorted.slice(0, MAX_EFFECTS).filter(({ importance }) => importance > least);
}

/** The effects of some features on the answer of the whole model, in the order of `names`. */
export function modelEffects(
  engine: Engine,
  model: Model,
  ground: Ground,
  names: readonly string[],
): readonly Effect[] {
  const answer: Answerer = (X) => predictMatrix(engine, model, X).values;
  const effects = effectsOf(answer, model.preprocessing, ground, names);
  return names.flatMap((name) => effects.find(({ feature }) => feature === name) ?? []);
}

/** Of the features in `names` that vary, in the order of the preprocessing. */
function effectsOf(
  answer: Answerer,
  preprocessing: Model["preprocessing"],
  { table, X, rows }: Ground,
  names: readonly string[],
): readonly Effect[] {
  const base = takeRows(X, sampleOf(rows, MAX_ROWS));
  const wanted = new Set(names);
  const effects: Effect[] = [];
  let offset = 0;
  for (const feature of preprocessing.features) {
    if (wanted.has(feature.name) && effects.length < MAX_FEATURES) {
      const column = table.columns.find(({ name }) => name === feature.name)!;
      const values = valuesOf(feature, column, rows);
      const encoded = encode(preprocessing, feature, values);
      if (new Set(values).size > 1) {
        effects.push(effectOf(feature, values, answersAt(answer, base, offset, encoded)));
      }
    }
    offset += featureWidth(feature);
  }
  return effects;
}

/** Answers of one expert, in the target's units, clipped like predictions. */
function answerer(engine: Engine, expert: Expert, { target }: Model["preprocessing"]): Answerer {
  return (X) =>
    Float64Array.from(predictExpert(engine, expert, X), (answer) =>
      Math.min(target.most, Math.max(target.least, answerInUnits(target, answer))),
    );
}

/** Values of equal frequency in the regime; a frequent value occurs several times. */
function valuesOf(
  feature: Feature,
  column: Column,
  rows: Int32Array,
): readonly (number | string)[] {
  if (feature.type === "category") return frequentLevels(feature.levels, column, rows);
  const present = Float64Array.from(rows, (i) => Number(column.values[i] ?? Number.NaN))
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (present.length === 0) return [];
  return Array.from({ length: N_QUANTILES }, (_, q) => {
    return present[Math.floor(((q + 0.5) / N_QUANTILES) * present.length)]!;
  });
}

function frequentLevels(
  levels: readonly string[],
  column: Column,
  rows: Int32Array,
): readonly string[] {
  const counts = new Map(levels.map((level) => [level, 0]));
  for (const i of rows) {
    const level = String(column.values[i]);
    const seen = counts.get(level);
    if (seen !== undefined) counts.set(level, seen + 1);
  }
  return [...counts]
    .filter(([, seen]) => seen > 0)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, MAX_LEVELS)
    .map(([level]) => level);
}

/** The matrix columns of one feature for each of some values. */
function encode(
  preprocessing: Model["preprocessing"],
  feature: Feature,
  values: readonly (number | string)[],
): Matrix {
  const { name } = feature;
  const column: Column =
    feature.type === "category"
      ? { type: "category", name, values: values.map(String) }
      : { type: "number", name, values: Float64Array.from(values, Number) };
  const table = { nRows: values.length, columns: [column] };
  return applyPreprocessing({ ...preprocessing, features: [feature] }, table);
}

/** For each value, the answers of all base rows with the value at `offset`. */
function answersAt(
  answer: Answerer,
  base: Matrix,
  offset: number,
  encoded: Matrix,
): readonly Float64Array[] {
  const changed: Matrix = { ...base, values: base.values.slice() };
  const { nColumns: width } = encoded;
  return Array.from({ length: encoded.nRows }, (_, v) => {
    const cells = encoded.values.subarray(v * width, (v + 1) * width);
    for (let i = 0; i < base.nRows; i++) changed.values.set(cells, i * base.nColumns + offset);
    return answer(changed);
  });
}

/** @param answers - For each value, the answers of the base rows. */
function effectOf(
  { name }: Feature,
  values: readonly (number | string)[],
  answers: readonly Float64Array[],
): Effect {
  const means = answers.map((own) => own.reduce((sum, answer) => sum + answer, 0) / own.length);
  const distinct = [...values.keys()].filter((v) => values.indexOf(values[v]!) === v);
  return {
    feature: name,
    importance: sixDigits(Math.sqrt(meanVariance(answers))),
    values: distinct.map((v) => values[v]!),
    answers: distinct.map((v) => sixDigits(means[v]!)),
  };
}

/** The variance of a row's answers over the values, averaged over rows. */
function meanVariance(answers: readonly Float64Array[]): number {
  const nValues = answers.length;
  const nRows = answers[0]!.length;
  let total = 0;
  for (let i = 0; i < nRows; i++) {
    const ofRow = answers.map((at) => at[i]!);
    const mean = ofRow.reduce((sum, answer) => sum + answer, 0) / nValues;
    total += ofRow.reduce((sum, answer) => sum + (answer - mean) ** 2, 0) / nValues;
  }
  return total / nRows;
}
