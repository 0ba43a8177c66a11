/**
 * What a page shows of a model, as plain data: what to expect of it, the evidence, what it depends
 * on, its data and its regimes. Without rows the facts are those that the bundle keeps.
 */
import { applyPreprocessing, featureTable } from "../../data/index.ts";
import type { Engine } from "../../experts/index.ts";
import {
  type Effect,
  type Importance,
  modelEffects,
  permutationImportance,
} from "../../explain/index.ts";
import type { ColumnUse, Regressor } from "../../library/index.ts";
import {
  type CommitteeReport,
  type Expectation,
  type FitReport,
  predictMatrix,
  type TrainingTable,
} from "../../mixture/index.ts";
import { takeRows } from "../../shared/matrix.ts";
import {
  type AnsweredRows,
  coverageOf,
  errorOn,
  type LevelCoverage,
  type MeasuredError,
} from "./answers.ts";
import { type ColumnFacts, columnFacts, keptColumnFacts } from "./columns.ts";
import { describeKept, type KeptModel, keptOfBundle } from "./kept-model.ts";
import { type Leader, leadersOf } from "./leaders.ts";
import { type WorstRow, worstRows } from "./worst.ts";

export interface ModelFacts {
  readonly target: string;
  /** Number of available rows; of training rows where there are none. */
  readonly nRows: number;
  /** null if no row with its true target is available. */
  readonly answers: AnsweredRows | null;
  /** To expect on new rows, by the fit or by a run's test rows; null if neither measured it. */
  readonly expected: (MeasuredError & Pick<Expectation, "gain">) | null;
  /** Of the fit, the best first; empty if they are not kept. */
  readonly leaders: readonly Leader[];
  readonly coverage: readonly LevelCoverage[];
  /** Of every feature, the most important first; empty without answers. */
  readonly importance: readonly Importance[];
  /** Of the most important features on the whole model's answer. */
  readonly effects: readonly Effect[];
  readonly worst: readonly WorstRow[];
  /** The target first. */
  readonly columns: readonly ColumnFacts[];
  readonly warnings: readonly string[];
  /** What a fit did with each column of the user's table; empty without a fit. */
  readonly uses: readonly ColumnUse[];
  readonly kept: KeptModel;
}

/** A model and what is available beside it. */
export interface Shown {
  readonly model: Regressor;
  /** null if the fit is over. */
  readonly report: FitReport | CommitteeReport | null;
  /** Rows that have a target, and their numbers in the file. */
  readonly table: TrainingTable & { readonly rows: Int32Array };
  readonly answers: AnsweredRows;
  readonly warnings: readonly string[];
  readonly uses?: readonly ColumnUse[];
}

/** Effects are drawn of at most this many features. */
const MAX_EFFECTS = 6;
/** An effect of less than this share of the most important feature's is left out. */
const MIN_IMPORTANCE = 0.01;

/** The facts of a model and rows. */
export function describeModel(engine: Engine, shown: Shown): ModelFacts {
  const { model: own, report, table, answers, warnings } = shown;
  const { model } = own;
  const { target } = model.preprocessing;
  const isTested = answers.kind === "tested";
  const X = applyPreprocessing(model.preprocessing, table.features);
  const prediction = predictMatrix(engine, model, X);
  const importance = permutationImportance(engine, model, takeRows(X, answers.rows), answers);
  const least = MIN_IMPORTANCE * (importance[0]?.rise ?? 0);
  const most = importance.filter(({ rise }) => rise > Math.max(0, least)).slice(0, MAX_EFFECTS);
  const names = most.map(({ feature }) => feature);
  const computed = featureTable(model.preprocessing, table.features);
  const ground = { table: computed, X, rows: Int32Array.from(table.y.keys()) };
  return {
    target: target.name,
    nRows: table.y.length,
    answers,
    ...(isTested ? { expected: errorOn(answers), leaders: [] } : expectationOf(own)),
    coverage: coverageOf(model, prediction, answers),
    importance,
    effects: modelEffects(engine, model, ground, names),
    worst: worstRows(table, answers, names),
    columns: columnFacts(table.features, { name: target.name, y: table.y }),
    warnings,
    uses: shown.uses ?? [],
    kept: describeKept(engine, { model: own, report }, table, { X, prediction }),
  };
}

/** The facts that a bundle keeps, which hold no row. */
export function describeBundle(model: Regressor): ModelFacts {
  const { preprocessing } = model.model;
  return {
    target: preprocessing.target.name,
    nRows: model.provenance.nTrain,
    answers: null,
    ...expectationOf(model),
    coverage: [],
    importance: [],
    effects: [],
    worst: [],
    columns: keptColumnFacts(preprocessing),
    warnings: [],
    uses: [],
    kept: keptOfBundle(model),
  };
}

/** What the fit said: the same figures as on the terminal. */
function expectationOf({ model, provenance }: Regressor): Pick<ModelFacts, "expected" | "leaders"> {
  const { metrics } = provenance;
  if (metrics === null) return { expected: null, leaders: [] };
  return { expected: metrics, leaders: leadersOf(metrics, model) };
}
