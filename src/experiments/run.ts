/**
 * An experiment, from its configuration to its result: open the data, run every split, summarise,
 * and fit the model that is kept on all rows.
 */

import type { BundleContent } from "../bundle/index.ts";
import {
  describeOddities,
  groupedKFold,
  holdOut,
  kFold,
  type OpenedData,
  openData,
  publishedSplits,
  type SelectedTarget,
  type Split,
  selectFrom,
} from "../data/index.ts";
import { explainFit } from "../explain/index.ts";
import { type Executor, expertReports, fitCommitteeModel, fitModel } from "../mixture/index.ts";
import { nowMs, today } from "../shared/clock.ts";
import { BailiwickError } from "../shared/errors.ts";
import { type Progress, within } from "../shared/progress.ts";
import { childSeed } from "../shared/rng.ts";
import { packageVersion } from "../shared/version.ts";
import { committeeOptionsOf, type ExperimentConfig, fitOptionsOf } from "./config.ts";
import { describeKept, type KeptModel } from "./kept-model.ts";
import type { ExperimentResult, SplitPredictions, SplitResult } from "./result.ts";
import { runSplit } from "./run-split.ts";
import { summarise } from "./summarise.ts";

export interface RunOptions {
  readonly executor: Executor;
  readonly progress: Progress;
  /** Folder of a mirror of data sets. */
  readonly mirror?: string | undefined;
  /** Folder that paths in the configuration are relative to. */
  readonly baseFolder: string;
}

export interface RunOutcome {
  /** Names no bundle yet: that is known when it is written. */
  readonly result: ExperimentResult;
  readonly predictions: readonly SplitPredictions[];
  /** The model kept, fitted on all rows. */
  readonly content: BundleContent;
  /** The same for people: its regimes, and where the rows are. */
  readonly kept: KeptModel;
}

/** Share of the work that the splits are, for progress; the rest is the model that is kept. */
const SPLITS_SHARE = 0.9;

/** Runs an experiment. @throws as opening data, splitting and fitting do. */
export async function runExperiment(
  config: ExperimentConfig,
  { executor, progress, mirror, baseFolder }: RunOptions,
): Promise<RunOutcome> {
  const started = nowMs();
  const { types, drop, group, missing } = config;
  const reading = { baseFolder, mirror, types, drop, group, missing };
  const data = await openData(config.data, reading);
  const selected = selectFrom(data, config);
  const splits = await makeSplits(config, data, selected);
  const fit = fitOptionsOf(config);
  const committee = committeeOptionsOf(config);

  const results: SplitResult[] = [];
  const predictions: SplitPredictions[] = [];
  for (const [place, { number, split }] of splits.entries()) {
    const task = { number, split, table: selected, baselines: config.baselines };
    const seed = childSeed(config.seed, `split ${number}`);
    const own = { fit: { ...fit, seed }, committee };
    const [from, to] = [place / splits.length, (place + 1) / splits.length];
    const report = within(progress, from * SPLITS_SHARE, to * SPLITS_SHARE);
    const naming: Progress = (stage, fraction) =>
      report(`split ${place + 1}/${splits.length}, ${stage}`, fraction);
    const outcome = await runSplit(task, own, executor, naming);
    results.push(outcome.result);
    predictions.push(outcome.predictions);
  }

  const keeping = within(progress, SPLITS_SHARE, 1);
  const { model, report } =
    committee === null
      ? await fitModel(selected, fit, executor, keeping)
      : await fitCommitteeModel(selected, { fit, committee }, executor, keeping);
  const explanation = explainFit(executor.engine, { model, report }, selected);
  const summary = summarise(results);
  const provenance = {
    dataName: data.name,
    dataSha256: data.sha256,
    seed: config.seed,
    engine: executor.engine.name,
    nTrain: selected.y.length,
    preset: config.preset,
    metrics: null,
    verdict: summary.verdict,
  };
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
    content: { model, facts: { provenance, experts: expertReports(report) }, explanation },
    kept: describeKept(executor.engine, { model, report }, explanation, selected),
  };
}

interface NumberedSplit {
  readonly number: number;
  readonly split: Split;
}

async function makeSplits(
  { protocol, seed }: ExperimentConfig,
  data: OpenedData,
  { y, groups, nDropped }: SelectedTarget,
): Promise<readonly NumberedSplit[]> {
  if (protocol.kind === "published") {
    if (nDropped > 0) {
      const message = `published splits number all rows, but ${nDropped} have no target`;
      throw new BailiwickError("TARGET_MISSING", message, { nDropped });
    }
    return pickSplits(await publishedSplits(data), protocol.splits);
  }
  if (protocol.kind === "k-fold") {
    const { folds } = protocol;
    const own = childSeed(seed, "folds");
    return numbered(
      groups === null
        ? kFold(y.length, { folds, seed: own })
        : groupedKFold(groups, { folds, seed: own }),
    );
  }
  const { repeats, testFraction } = protocol;
  return numbered(
    Array.from({ length: repeats }, (_, repeat) => {
      const own = childSeed(seed, `hold-out ${repeat}`);
      return holdOut(y.length, { testFraction, seed: own, groups });
    }),
  );
}

function numbered(splits: readonly Split[]): readonly NumberedSplit[] {
  return splits.map((split, number) => ({ number, split }));
}

/** @throws INVALID_OPTION if a wanted number is not there. */
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
  { features, targetName, y, nDropped }: SelectedTarget,
): ExperimentResult["dataset"] {
  const dropped = nDropped === 0 ? [] : [`${nDropped} rows without a target were left out`];
  return {
    name,
    sha256,
    nRows: y.length,
    nFeatures: features.columns.length,
    target: targetName,
    warnings: [...dropped, ...describeOddities(features)],
  };
}
