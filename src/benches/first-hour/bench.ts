/**
 * `bailiwick bench first-hour`: whether the first line of a fit tells the truth, and whether the
 * default preset is as good as the others.
 *
 * Each preset is fitted to the training rows of each split as `fit` fits a file: the error that it
 * expects is compared with the error on the test rows. Sets of the package are fitted once more, to
 * see when the first model is there.
 */
import { listDatasets, takeTableRows } from "../../data/index.ts";
import { type DataTable, evaluate, fit as fitRows } from "../../library/index.ts";
import { onNewRows } from "../../mixture/index.ts";
import { type Progress, within } from "../../shared/progress.ts";
import { kindOfSet } from "../accuracy/sets.ts";
import { type AccuracyTask, listTasks, type TaskOptions } from "../accuracy/tasks.ts";
import { type BenchDocument, benchDocument } from "../figures.ts";
import { finishRows } from "../finished.ts";
import {
  type FirstHourPreset,
  type FirstHourRow,
  firstHourFigures,
  hasRegimes,
} from "./figures.ts";
import { type FirstModel, timeFirstModel } from "./first-model.ts";

const SPLITS_OF_SMALL = 5;

/** If no splits are given, the first five of a set of up to 3,000 rows, else the first. */
export interface FirstHourOptions extends TaskOptions {
  /** The preset regimes is fitted to the sets whose regimes are known. */
  readonly presets: readonly FirstHourPreset[];
  /** Of the preset auto; by the size of the data if not given. */
  readonly timeMs: number | undefined;
  readonly threads: number | undefined;
  /** Sets of the package, each fitted once to see when the first model is there. */
  readonly firstModels: readonly string[];
  /** Fits of an earlier run: not measured again. */
  readonly finished: readonly FirstHourRow[];
  readonly command: string;
}

export interface FirstHourMeasurements {
  readonly rows: readonly FirstHourRow[];
  readonly firstModels: readonly FirstModel[];
}

/** The sets of the figures that there are here; without a mirror, all of the package. */
export async function firstHourSets(mirror: string | undefined): Promise<readonly string[]> {
  const names = (await listDatasets({ mirror })).map(({ name }) => name);
  if (mirror === undefined) return names;
  return names.filter((name) => kindOfSet(name) === "real" || hasRegimes(name));
}

/** @param onRow - Called with each row when it is measured. */
export async function benchFirstHour(
  options: FirstHourOptions,
  progress: Progress,
  onRow: (row: FirstHourRow) => Promise<void>,
): Promise<BenchDocument<FirstHourMeasurements>> {
  const firstModels: FirstModel[] = [];
  for (const set of options.firstModels) {
    progress(`${set}: first model`, 0);
    firstModels.push(await timeFirstModel(set, options));
  }
  const listed = await listTasks(options);
  const tasks = options.splits === null ? listed.filter(isUsual) : listed;
  const fits = tasks.flatMap((task) =>
    options.presets
      .filter((preset) => preset !== "regimes" || hasRegimes(task.data.name))
      .map((preset) => ({ task, preset })),
  );
  const rows = await finishRows(fits, {
    knownOf: ({ task, preset }) =>
      options.finished.find(
        (row) => row.set === task.data.name && row.split === task.number && row.preset === preset,
      ),
    measure: ({ task, preset }, done, left) =>
      measure(task, preset, options, within(progress, done / left, (done + 1) / left)),
    onFinished: onRow,
  });
  return benchDocument({
    bench: "first-hour",
    command: options.command,
    versions: {},
    measurements: { rows, firstModels },
    figures: firstHourFigures(rows, firstModels),
  });
}

/** Test rows of a small set are few: one split of them says little. */
function isUsual({ number, isLarge }: AccuracyTask): boolean {
  return number < (isLarge ? 1 : SPLITS_OF_SMALL);
}

async function measure(
  task: AccuracyTask,
  preset: FirstHourPreset,
  { timeMs, threads, seed }: FirstHourOptions,
  progress: Progress,
): Promise<FirstHourRow> {
  const { data, number, split } = task;
  const onProgress: Progress = (stage, fraction) => {
    progress(`${data.name} ${number} ${preset}: ${stage}`, fraction);
  };
  const time = preset === "auto" ? { timeMs } : {};
  const settings = { preset, seed, threads, onProgress, ...time };
  const model = await fitRows(rowsOf(task, split.train), settings);
  const measured = await evaluate(model, rowsOf(task, split.test));
  return {
    set: data.name,
    split: number,
    preset,
    expectedMse: onNewRows(model.expectation).rmse ** 2,
    testMse: measured.mse,
  };
}

/** Rows of a data set as its file would hold them. @param rows - Of those that have a target. */
function rowsOf({ data, table }: AccuracyTask, rows: Int32Array): DataTable {
  const { name, sha256, dataset } = data;
  const inFile = Int32Array.from(rows, (i) => table.rows[i]!);
  const present = new Set(data.table.columns.map((column) => column.name));
  const drop = (dataset?.drop ?? []).map(({ column }) => column);
  return {
    name,
    sha256,
    table: takeTableRows(data.table, inFile),
    target: table.targetName,
    drop: drop.filter((column) => present.has(column)),
    group: dataset?.group ?? null,
    warnings: [],
  };
}
