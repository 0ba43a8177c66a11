/**
 * An experiment, from its configuration to its result: opens the data, runs every split,
 * summarises, and fits the saved model to all rows.
 */
import { z } from "zod";
import {
  groupedKFold,
  holdOut,
  keepCopiesTogether,
  kFold,
  type OpenedData,
  openData,
  publishedSplits,
  type SelectedTarget,
  type Split,
  selectFrom,
} from "../data/index.ts";
import {
  describeFit,
  fitPlan,
  oddRows,
  parseSettings,
  planFit,
  type Regressor,
  type TrainingSettings,
  trainingShape,
  withExecutor,
} from "../library/index.ts";
import type { Executor } from "../mixture/index.ts";
import { describeModel, type ModelFacts } from "../reports/facts/index.ts";
import { nowMs, today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type Progress, within } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { packageVersion } from "../shared/version.ts";
import { type ExperimentConfig, type ExperimentInput, parseConfig } from "./config.ts";
import type { ExperimentResult, SplitPredictions, SplitResult } from "./result.ts";
import { runSplit } from "./run-split.ts";
import { summarise } from "./summarise.ts";
import { testedRows } from "./tested-rows.ts";

export interface ExperimentSettings extends TrainingSettings {
  /** Folder of further data sets that have a name. */
  readonly mirror?: string | undefined;
  /** Folder that paths in the configuration are relative to. Default: the working folder. */
  readonly baseFolder?: string | undefined;
}

export interface RunOutcome {
  /** Without the bundle, which is written later. */
  readonly result: ExperimentResult;
  readonly predictions: readonly SplitPredictions[];
  /** The saved model, fitted to all rows. */
  readonly model: Regressor;
  /** What the page of the run shows of the model. */
  readonly facts: ModelFacts;
}

const schema = z.strictObject({
  ...trainingShape,
  mirror: z.string().optional(),
  baseFolder: z.string().optional(),
});

/** The splits' share of the work, for progress; the rest is the fit to all rows. */
const SPLITS_SHARE = 0.9;

/**
 * Runs an experiment: fits the training rows of every split, compares with baselines on its test
 * rows, and fits a model to all rows.
 *
 * @param config - The content of a configuration file; `name` and `data` are required, all other
 *   fields have a default.
 * @returns `result`, the content of result.json, with losses in the target's units; the predictions
 *   of every split; the model fitted to all rows.
 * @throws BailiwickError CONFIG_INVALID naming every field that is wrong; as `openTable` and `fit`.
 * @throws `signal.reason` once the signal is aborted.
 * @example
 * ```ts
 * import { runExperiment } from "bailiwick";
 *
 * const { result } = await runExperiment({
 *   name: "prices",
 *   data: "prices.csv",
 *   target: "price",
 *   drop: ["id"],
 *   protocol: { kind: "hold-out", repeats: 1, testFraction: 0.2 },
 *   experts: [2],
 *   tuning: { steps: [300], extendTo: 300, learningRates: [0.01], weightDecays: [0.05] },
 *   baselines: [],
 * });
 * console.log(result.summary.methods.mixture?.rmse.mean, result.verdict.partitioning);
 * ```
 */
export async function runExperiment(
  config: ExperimentInput,
  settings: ExperimentSettings = {},
): Promise<RunOutcome> {
  const { mirror, baseFolder, ...training } = parseSettings("runExperiment", schema, settings);
  const parsed = parseConfig(config);
  const { types, drop, group, missing } = parsed;
  const reading = { baseFolder, mirror, types, drop, group, missing };
  const data = await openData(parsed.data, reading);
  const selected = selectFrom(data, parsed);
  const splits = await makeSplits(parsed, data, selected);
  const experiment = { config: parsed, data, selected, splits };
  return withExecutor(training, (executor, progress) => runAll(experiment, executor, progress));
}

interface Experiment {
  readonly config: ExperimentConfig;
  readonly data: OpenedData;
  readonly selected: SelectedTarget;
  readonly splits: readonly NumberedSplit[];
}

async function runAll(
  experiment: Experiment,
  executor: Executor,
  progress: Progress,
): Promise<RunOutcome> {
  const started = nowMs();
  const { config, data, selected } = experiment;
  const { results, predictions } = await runSplits(experiment, executor, progress);
  const plan = planFit(config);
  const keeping = within(progress, SPLITS_SHARE, 1);
  const fitted = await fitPlan(plan, selected, executor, keeping);
  const summary = summarise(results);
  const { name, sha256 } = data;
  const { seed, preset } = config;
  const source = { name, sha256, seed, preset, verdict: summary.verdict };
  const model = describeFit(executor.engine, fitted, selected, source);
  return {
    result: {
      formatVersion: 1,
      name: config.name,
      dataset: describeData(data, selected),
      protocol: config.protocol,
      config,
      seed: config.seed,
      versions: { bailiwick: packageVersion(), node: process.version },
      engine: executor.engine.name,
      createdAt: today(),
      fitMs: nowMs() - started,
      splits: results,
      ...summary,
      bundleDigest: null,
    },
    predictions,
    model,
    facts: describeModel(executor.engine, {
      model,
      report: fitted.report,
      table: selected,
      answers: testedRows(predictions),
      warnings: oddRows(selected),
    }),
  };
}

interface SplitOutcomes {
  readonly results: readonly SplitResult[];
  readonly predictions: readonly SplitPredictions[];
}

async function runSplits(
  { config, selected, splits }: Experiment,
  executor: Executor,
  progress: Progress,
): Promise<SplitOutcomes> {
  const { fit, committee } = planFit(config);
  const results: SplitResult[] = [];
  const predictions: SplitPredictions[] = [];
  for (const [place, { number, split }] of splits.entries()) {
    const task = { number, split, table: selected, baselines: config.baselines };
    const seed = childSeed(config.seed, `split ${number}`);
    const settings = { fit: { ...fit, seed }, committee };
    const [from, to] = [place / splits.length, (place + 1) / splits.length];
    const report = within(progress, from * SPLITS_SHARE, to * SPLITS_SHARE);
    const naming: Progress = (stage, fraction) =>
      report(`split ${place + 1}/${splits.length}, ${stage}`, fraction);
    const outcome = await runSplit(task, settings, executor, naming);
    results.push(outcome.result);
    predictions.push(outcome.predictions);
  }
  return { results, predictions };
}

interface NumberedSplit {
  readonly number: number;
  readonly split: Split;
}

async function makeSplits(
  { protocol, seed }: ExperimentConfig,
  data: OpenedData,
  selected: SelectedTarget,
): Promise<readonly NumberedSplit[]> {
  const { y, nDropped } = selected;
  if (protocol.kind === "published") {
    if (nDropped > 0) {
      const message = `published splits number all rows, but ${nDropped} have no target`;
      throw new BailiwickError("TARGET_MISSING", message, { nDropped });
    }
    return pickSplits(await publishedSplits(data), protocol.splits);
  }
  const { groups } = keepCopiesTogether(selected);
  if (protocol.kind === "k-fold") {
    const { folds } = protocol;
    const foldSeed = childSeed(seed, "folds");
    return numbered(
      groups === null
        ? kFold(y.length, { folds, seed: foldSeed })
        : groupedKFold(groups, { folds, seed: foldSeed }),
    );
  }
  const { repeats, testFraction } = protocol;
  return numbered(
    Array.from({ length: repeats }, (_, repeat) => {
      const holdOutSeed = childSeed(seed, `hold-out ${repeat}`);
      return holdOut(y.length, { testFraction, seed: holdOutSeed, groups });
    }),
  );
}

function numbered(splits: readonly Split[]): readonly NumberedSplit[] {
  return splits.map((split, number) => ({ number, split }));
}

/** @throws INVALID_OPTION if a split's number does not exist. */
function pickSplits(
  splits: readonly Split[],
  wanted: readonly number[] | undefined,
): readonly NumberedSplit[] {
  return (wanted ?? [...splits.keys()]).map((number) => {
    const split = splits[number];
    if (split === undefined) {
      const message = `splits must be numbers 0 to ${splits.length - 1}, got ${number}`;
      throw new BailiwickError("INVALID_OPTION", message, { number });
    }
    return { number, split };
  });
}

function describeData(
  { name, sha256 }: OpenedData,
  selected: SelectedTarget,
): ExperimentResult["dataset"] {
  const { features, targetName, y } = selected;
  return {
    name,
    sha256,
    nRows: y.length,
    nFeatures: features.columns.length,
    target: targetName,
    warnings: oddRows(selected),
  };
}
