/**
 * Real rows in the order in which they came: each is predicted before it is learnt from.
 *
 * The model is fitted on the first rows, then updated batch by batch; the error is that of all rows
 * after the first. Beside it: the same model never updated; one net fitted again to the last rows
 * every so often (a sliding window); and river's adaptive regressors, which learn from the very
 * first row on and after every single one.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openData, selectFrom, type Table } from "../../data/index.ts";
import {
  type Executor,
  type FitOptions,
  fitModel,
  predict,
  type TrainingTable,
} from "../../mixture/index.ts";
import { BailiwickError } from "../../shared/errors.ts";
import { silent } from "../../shared/progress.ts";
import { type Session, takeTable, updateStep } from "../../update/index.ts";
import { type AbsentPeer, startPeerProcess } from "../peer-process.ts";
import { batchOf, fitBundle, timed } from "./models.ts";

export const REAL_SETS = ["bike-hourly", "seoul-bike"] as const;
export const RIVER_PEERS = [
  "linear",
  "hoeffding-adaptive",
  "adaptive-forest",
  "adaptive-rules",
  "nearest-window",
  "random-patches",
] as const;

export interface RealRow {
  readonly set: string;
  readonly nRows: number;
  readonly nWarm: number;
  /** Versions that updates made. */
  readonly nUpdates: number;
  /** Root mean squared errors before learning, in the target's units. */
  readonly errors: Readonly<Record<"update" | "none" | "window", number>>;
  readonly cpuSeconds: Readonly<Record<"fit" | "update" | "window", number>>;
  readonly peers: readonly {
    readonly name: string;
    readonly error: number;
    readonly cpuSeconds: number;
  }[];
  readonly absent: readonly AbsentPeer[];
  /** Of the peers' packages. */
  readonly versions: Readonly<Record<string, string>>;
}

export interface RealOptions {
  readonly fit: FitOptions;
  readonly mirror?: string | undefined;
  readonly python: string;
  readonly peersFolder: string;
  /** Of the rows, the first of which the model is fitted on. */
  readonly warmShare: number;
  readonly batchRows: number;
}

/** The update learns from more rows of a law once there are this many times as many. */
const MORE_ROWS = 1.15;
/** Rows of the sliding window, and how often its net is fitted again. */
const WINDOW_ROWS = 2000;
const WINDOW_EVERY = 500;

export async function runReal(
  set: string,
  options: RealOptions,
  executor: Executor,
): Promise<RealRow> {
  const all = selectFrom(await openData(set, { mirror: options.mirror }), {});
  const nRows = all.y.length;
  const nWarm = Math.round(options.warmShare * nRows);
  const slice = (from: number, to: number): TrainingTable =>
    takeTable(
      all,
      Array.from({ length: to - from }, (_, i) => from + i),
    );
  const later = slice(nWarm, nRows);
  const bundle = await fitBundle(slice(0, nWarm), options.fit, executor);
  try {
    const still = predict(executor.engine, bundle.model, later.features).values;
    const timedUpdate = await timed(() =>
      runUpdates(bundle.folder, slice, { nWarm, nRows }, options, executor),
    );
    const window = await timed(() => runWindow(slice, { nWarm, nRows }, options, executor));
    const asked = await askPeers(all, nWarm, options);
    return {
      set,
      nRows,
      nWarm,
      nUpdates: timedUpdate.value.nUpdates,
      errors: {
        update: timedUpdate.value.error,
        none: rootMean(still, later.y),
        window: rootMean(window.value, later.y),
      },
      cpuSeconds: {
        fit: bundle.cpuSeconds,
        update: timedUpdate.cpuSeconds,
        window: window.cpuSeconds,
      },
      ...asked,
    };
  } finally {
    await bundle.remove();
  }
}

type Slice = (from: number, to: number) => TrainingTable;
interface Extent {
  readonly nWarm: number;
  readonly nRows: number;
}

async function runUpdates(
  folder: string,
  slice: Slice,
  { nWarm, nRows }: Extent,
  { batchRows, fit }: RealOptions,
  executor: Executor,
): Promise<{ readonly error: number; readonly nUpdates: number }> {
  const decide = { moreRows: MORE_ROWS };
  let watched: Session["watched"] = null;
  let [squares, nUpdates] = [0, 0];
  for (let from = nWarm; from < nRows; from += batchRows) {
    const rows = slice(from, Math.min(nRows, from + batchRows));
    const session = { executor, seed: fit.seed, decide, memory: null, watched };
    const step = await updateStep(folder, batchOf(rows, `rows from ${from}`), session);
    watched = step.watched;
    squares += rows.y.length * step.report.change.errorBefore! ** 2;
    if (step.report.version !== step.report.versionBefore) nUpdates += 1;
  }
  return { error: Math.sqrt(squares / (nRows - nWarm)), nUpdates };
}

/** One net on the last rows, with settings tuned once. */
async function runWindow(
  slice: Slice,
  { nWarm, nRows }: Extent,
  { fit }: RealOptions,
  executor: Executor,
): Promise<Float64Array> {
  const one: FitOptions = { ...fit, partitioning: "competition", experts: 1, candidates: [1] };
  const values = new Float64Array(nRows - nWarm);
  let options = one;
  for (let from = nWarm; from < nRows; from += WINDOW_EVERY) {
    const table = slice(Math.max(0, from - WINDOW_ROWS), from);
    const { model, report } = await fitModel(table, options, executor, silent);
    const { steps, learningRate, weightDecay } = report.settings;
    const tuning = { learningRates: [learningRate], weightDecays: [weightDecay] };
    options = { ...one, tuning: { ...tuning, steps: [steps], extendTo: steps } };
    const to = Math.min(nRows, from + WINDOW_EVERY);
    values.set(predict(executor.engine, model, slice(from, to).features).values, from - nWarm);
  }
  return values;
}

const greetingSchema = z.union([
  z.object({ versions: z.record(z.string(), z.string()) }),
  z.object({ unavailable: z.string() }),
]);
const answerSchema = z.union([
  z.object({ predictions: z.array(z.number()), cpuMs: z.number() }),
  z.object({ failed: z.string() }),
]);

/** Runs one after the other, each in a separate process. */
async function askPeers(
  { features, y }: TrainingTable,
  nWarm: number,
  { python, peersFolder, fit }: RealOptions,
): Promise<Pick<RealRow, "peers" | "absent" | "versions">> {
  const script = join(peersFolder, "update-river.py");
  const peers: RealRow["peers"][number][] = [];
  const absent: AbsentPeer[] = [];
  const versions: Record<string, string> = {};
  const X = numbersOf(features);
  for (const name of RIVER_PEERS) {
    if (!existsSync(script)) {
      absent.push({ name, absent: `the script ${script} is not there` });
      continue;
    }
    const peer = startPeerProcess(name, [python, script, name]);
    try {
      const greeting = greetingSchema.parse(await peer.ask({}));
      if ("unavailable" in greeting) {
        absent.push({ name, absent: greeting.unavailable });
        continue;
      }
      Object.assign(versions, greeting.versions);
      const answer = answerSchema.parse(await peer.ask({ X, y: [...y], nWarm, seed: fit.seed }));
      if ("failed" in answer) absent.push({ name, absent: answer.failed });
      else {
        const error = rootMean(Float64Array.from(answer.predictions), y.subarray(nWarm));
        peers.push({ name, error, cpuSeconds: answer.cpuMs / 1000 });
      }
    } catch (error) {
      if (!(error instanceof BailiwickError)) throw error;
      absent.push({ name, absent: error.message });
    } finally {
      peer.close();
    }
  }
  return { peers, absent, versions };
}

/** Columns as they are; a category as one 0/1 column a level. */
function numbersOf({ columns, nRows }: Table): readonly (readonly number[])[] {
  const numbers = columns.flatMap((column): readonly ArrayLike<number>[] => {
    if (column.type === "number") return [column.values];
    const levels = [...new Set(column.values)].sort();
    return levels.map((level) => column.values.map((value) => (value === level ? 1 : 0)));
  });
  return Array.from({ length: nRows }, (_, i) => numbers.map((values) => values[i]!));
}

function rootMean(values: Float64Array, y: Float64Array): number {
  const squares = values.map((value, i) => (value - y[i]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}
