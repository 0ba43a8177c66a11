/**
 * From a table to a model: preprocess, fit, and say how far the model can be trusted.
 *
 * The report is what a bundle keeps of a fit: each expert's share of the rows, its held-out errors,
 * and the verdict.
 */
import {
  applyPreprocessing,
  type Copies,
  fitPreprocessing,
  fitTarget,
  keepCopiesTogether,
  type Preprocessing,
  type SelectedTarget,
  scaleTarget,
  type TargetScale,
  withFactor,
} from "../data/index.ts";
import type { Samples } from "../experts/index.ts";
import { type Progress, within } from "../shared/progress.ts";
import type { Candidate } from "./choose.ts";
import type { RoundRecord } from "./compete.ts";
import { crossValidate } from "./cross-validate.ts";
import type { Executor } from "./executor.ts";
import {
  type Expectation,
  expectErrors,
  type HeldOutAnswers,
  mixtureEvidence,
} from "./expectation/index.ts";
import { type FittedMixture, fitMixture } from "./fit.ts";
import { calibrateMixture } from "./intervals/calibrate-fit.ts";
import type { RegimeSearch } from "./likelihood/index.ts";
import type { Model } from "./model.ts";
import type { FitOptions } from "./options.ts";
import { predictMixture, type Route } from "./predict.ts";
import { type ResidualSummary, summariseAnswers } from "./residuals.ts";
import { allRows, targetRange } from "./samples.ts";
import type { NetSettings } from "./train-net.ts";
import type { TriedSettings } from "./tune.ts";
import type { Verdict } from "./verdict.ts";

export interface ExpertReport {
  /** Share of the training rows that the gate sends here. */
  readonly share: number;
  readonly residuals: ResidualSummary;
}

export interface FitReport {
  readonly settings: NetSettings;
  /** All settings that the tuning tried, in their order. */
  readonly tried: readonly TriedSettings[];
  readonly candidates: readonly Candidate[];
  readonly rounds: readonly RoundRecord[];
  /** The search for the regimes; null if experts competed. */
  readonly regimeSearch: RegimeSearch | null;
  /** One an expert, in the mixture's order. */
  readonly experts: readonly ExpertReport[];
  /** Rows that are copies of one before them: they stay together in every split. */
  readonly nCopies: number;
  /** Multiply-adds spent after tuning. */
  readonly cost: number;
}

/** A table that can be trained on, as `selectTarget` gives it. */
export type TrainingTable = Pick<
  SelectedTarget,
  "features" | "targetName" | "y" | "groups" | "transform"
>;

/** Rows of a table, standardised, copies of a row in one group. Shapes (rows.length, nColumns). */
export function prepareSamples(
  preprocessing: Preprocessing,
  table: TrainingTable,
  rows: Int32Array,
): Samples {
  return samplesOf(preprocessing, table, rows, keepCopiesTogether(table, rows));
}

function samplesOf(
  preprocessing: Preprocessing,
  { features, y }: TrainingTable,
  rows: Int32Array,
  { groups }: Copies,
): Samples {
  return {
    X: applyPreprocessing(preprocessing, features, rows),
    y: scaleTarget(
      Float64Array.from(rows, (i) => y[i]!),
      preprocessing.target,
    ),
    weights: null,
    groups,
  };
}

/** The start of a fit: standardised samples and their preprocessing. */
export interface Standardised {
  readonly preprocessing: Preprocessing;
  readonly samples: Samples;
  readonly copies: Copies;
}

/** Standardises rows of a table by themselves. */
export function standardise(
  table: TrainingTable,
  rows: Int32Array = allRows(table.y.length),
): Standardised {
  const preprocessing = prepare(table, rows);
  const copies = keepCopiesTogether(table, rows);
  const samples = samplesOf(preprocessing, table, rows, copies);
  return { preprocessing, samples, copies };
}

function prepare({ features, y, targetName, transform }: TrainingTable, rows: Int32Array) {
  const plain = fitPreprocessing(features, y, rows, targetName);
  if (transform === undefined) return plain;
  const targets = Float64Array.from(rows, (i) => y[i]!);
  return { ...plain, target: fitTarget(targetName, targets, transform) };
}

export interface FittedModel {
  readonly model: Model;
  readonly report: FitReport;
  readonly expectation: Expectation;
  /** The answers that the expectation is measured on. */
  readonly answers: HeldOutAnswers;
  readonly fitted: FittedMixture;
  readonly samples: Samples;
}

/**
 * Fits a model of one mixture to all rows of a table.
 *
 * @param options - A preset's, for example, with what differs.
 * @throws EXPERT_DIVERGED if a final net ends with parameters that are not finite.
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 * import { createInlineExecutor, createWasmEngine, fitModel } from "bailiwick/engine";
 * import { PRESETS, selectTarget } from "bailiwick/engine";
 *
 * const { table } = await openTable("prices.csv");
 * const rows = selectTarget(table, "price", { drop: ["id"] });
 * const tuning = { ...PRESETS.fast.tuning, steps: [300], extendTo: 300 };
 * const options = { ...PRESETS.fast, experts: 2, tuning };
 * const executor = createInlineExecutor(await createWasmEngine());
 * const { report } = await fitModel(rows, options, executor, () => {});
 * console.log(`${report.experts.length} experts`);
 * await executor.close();
 * ```
 */
export async function fitModel(
  table: TrainingTable,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<FittedModel> {
  const { samples, copies, ...standardised } = standardise(table);
  const fitted = await fitMixture(samples, options, executor, progress);
  const preprocessing = withAnswers(standardised.preprocessing, samples, fitted);
  const { target } = preprocessing;
  const intervals = calibrateMixture(executor.engine, fitted, samples, copies);
  const members = [{ weight: 1, mixture: fitted.mixture }];
  const model: Model = { preprocessing, members, intervals };
  const { tuned, choice, partition, search, cost } = fitted;
  const report: FitReport = {
    settings: tuned.settings,
    tried: tuned.tried,
    candidates: choice.candidates,
    rounds: partition?.rounds ?? [],
    regimeSearch: search,
    experts: reportExperts(fitted, samples, target, executor),
    nCopies: copies.nCopies,
    cost,
  };
  const evidence = mixtureEvidence(fitted, samples, options, target);
  const expectation = expectErrors(evidence, samples, target);
  return { model, report, expectation, answers: evidence.answers, fitted, samples };
}

/** The preprocessing with what held-out answers show of the target. */
function withAnswers(
  preprocessing: Preprocessing,
  samples: Samples,
  { choice: { heldOut } }: FittedMixture,
): Preprocessing {
  const truths = Float64Array.from(heldOut.rows, (i) => samples.y[i]!);
  const answers = heldOut.errors.map((error, r) => truths[r]! + error);
  return { ...preprocessing, target: withFactor(preprocessing.target, answers, truths) };
}

/**
 * A model with its verdict by cross-validation inside the training rows.
 *
 * @example
 * ```ts
 * import { openTable } from "bailiwick";
 * import { createInlineExecutor, createWasmEngine, fitJudgedModel } from "bailiwick/engine";
 * import { PRESETS, selectTarget } from "bailiwick/engine";
 *
 * const { table } = await openTable("prices.csv");
 * const rows = selectTarget(table, "price", { drop: ["id"] });
 * const tuning = { ...PRESETS.fast.tuning, steps: [300], extendTo: 300 };
 * const options = { ...PRESETS.fast, experts: 2, tuning };
 * const executor = createInlineExecutor(await createWasmEngine());
 * const { verdict } = await fitJudgedModel(rows, options, executor, () => {});
 * console.log(verdict.partitioning);
 * await executor.close();
 * ```
 */
export async function fitJudgedModel(
  table: TrainingTable,
  options: FitOptions,
  executor: Executor,
  progress: Progress,
): Promise<FittedModel & { readonly verdict: Verdict }> {
  const result = await fitModel(table, options, executor, within(progress, 0, 0.6));
  const { fitted, samples } = result;
  const judging = within(progress, 0.6, 1);
  return {
    ...result,
    verdict: await crossValidate(samples, fitted, options, { executor, progress: judging }),
  };
}

/** Held-out errors, each assigned to the expert that the final gate routes its row to. */
function reportExperts(
  { mixture, choice }: FittedMixture,
  samples: Samples,
  target: TargetScale,
  executor: Executor,
): readonly ExpertReport[] {
  const range = targetRange(samples.y);
  const { route } = predictMixture(executor.engine, mixture, samples.X, range);
  const { rows, errors } = choice.heldOut;
  return mixture.experts.map((_, k) => {
    const places = [...rows.keys()].filter((place) => route.experts[rows[place]!] === k);
    const truths = Float64Array.from(places, (place) => samples.y[rows[place]!]!);
    const answers = truths.map((truth, p) => truth + errors[places[p]!]!);
    return {
      share: shareRoutedTo(route, k),
      residuals: summariseAnswers(answers, truths, target),
    };
  });
}

function shareRoutedTo({ experts }: Route, k: number): number {
  return experts.filter((expert) => expert === k).length / experts.length;
}
