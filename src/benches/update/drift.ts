/**
 * One stream, one model: the update's result beside those of its rivals.
 *
 * Rivals: no update; a new fit of everything ("full"), on the new rows and on the old rows of
 * regimes that the update did not find changed; one net of the same tuning on the same rows
 * ("single"); and one net on the new rows alone ("window"). Errors are mean squares on test rows of
 * the law that holds at the stream's end.
 */
import { readBundle } from "../../bundle/index.ts";
import type { GeneratorName } from "../../data/index.ts";
import { regressionMetrics } from "../../metrics/index.ts";
import {
  type Executor,
  type FitOptions,
  fitModel,
  type Model,
  predict,
  rowsAsked,
  type TrainingTable,
} from "../../mixture/index.ts";
import { silent } from "../../shared/progress.ts";
import { childSeed } from "../../shared/rng.ts";
import { joinTables, takeTable, type UpdateReport, updateBundle } from "../../update/index.ts";
import { actionsOf } from "./alarms.ts";
import { batchOf, fitBundle, type TemporaryBundle, timed } from "./models.ts";
import { type DriftName, oldRows, type StreamRows, streamRows } from "./streams.ts";

export interface DriftRow {
  readonly set: GeneratorName;
  readonly drift: DriftName;
  readonly seed: number;
  readonly nExperts: number;
  /** What was done, for example "m0.e1 retrain". */
  readonly actions: readonly string[];
  /** Mean squared errors over all test rows. */
  readonly errors: Readonly<Record<"none" | "update" | "full" | "single" | "window", number>>;
  readonly cpuSeconds: Readonly<Record<"fit" | "update" | "full" | "single" | "window", number>>;
  /** Of all rows, old and new. */
  readonly rowsReadShare: number;
  /** Test rows of regimes that the drift has not touched: those unaffected, of those. */
  readonly unaffectedShare: number;
  readonly maxChange: number;
  /** Whether experts outside of the affected ones are the same blobs. */
  readonly sameBlobs: boolean;
}

export interface DriftOptions {
  readonly fit: FitOptions;
  readonly nOld: number;
  readonly nNew: number;
}

const N_TEST = 4000;

export async function runDrift(
  { set, drift, seed }: { set: GeneratorName; drift: DriftName; seed: number },
  { fit, nOld, nNew }: DriftOptions,
  executor: Executor,
): Promise<DriftRow> {
  const regime = seed % 4;
  const stream = { drift, regime, size: 1 };
  const old = oldRows(set, { nRows: nOld, seed, ...stream });
  const fresh = streamRows(set, { nRows: nNew, seed: childSeed(seed, "stream"), ...stream });
  const ended = drift === "gradual" ? "abrupt" : drift;
  const test = streamRows(set, {
    ...stream,
    nRows: N_TEST,
    seed: childSeed(seed, "test"),
    drift: ended,
  });
  const seeded = { ...fit, seed };
  const bundle = await fitBundle(old, seeded, executor);
  try {
    const { value: report, cpuSeconds } = await timed(() =>
      updateBundle(bundle.folder, batchOf(fresh, "stream"), { executor, seed }),
    );
    const after = (await readBundle(bundle.folder)).model;
    const learnt = consistentRows(bundle, report, old, fresh, executor);
    const rivals = await fitRivals(learnt, fresh, seeded, executor);
    const mse = (model: Model): number => mseOn(executor, model, test);
    return {
      set,
      drift,
      seed,
      nExperts: bundle.model.members[0]!.mixture.experts.length,
      actions: actionsOf(report),
      errors: {
        none: mse(bundle.model),
        update: mse(after),
        full: mse(rivals.full.value.model),
        single: mse(rivals.single.value.model),
        window: mse(rivals.window.value.model),
      },
      cpuSeconds: {
        fit: bundle.cpuSeconds,
        update: cpuSeconds,
        full: rivals.full.cpuSeconds,
        single: rivals.single.cpuSeconds,
        window: rivals.window.cpuSeconds,
      },
      rowsReadShare: report.rowsRead / (old.y.length + fresh.y.length),
      ...unaffected(
        bundle.model,
        after,
        report,
        { test, touched: touchedBy(drift, regime) },
        executor,
      ),
      sameBlobs: report.unaffected.every(({ before, after: hash }) => before === hash),
    };
  } finally {
    await bundle.remove();
  }
}

function touchedBy(drift: DriftName, regime: number): readonly number[] {
  if (drift === "none" || drift === "covariate") return [];
  return drift === "several" ? [regime, regime + 1] : [regime];
}

function mseOn({ engine }: Executor, model: Model, { features, y }: TrainingTable): number {
  return regressionMetrics(y, predict(engine, model, features).values).mse;
}

/** New rows, and the old rows of experts whose law has not changed. */
function consistentRows(
  { model }: TemporaryBundle,
  { decisions }: UpdateReport,
  old: StreamRows,
  fresh: StreamRows,
  { engine }: Executor,
): TrainingTable {
  const gone = decisions
    .filter(({ action }) => action !== "keep" && action !== "grow")
    .map(({ expert }) => Number(expert.split(".e")[1]));
  const { experts } = predict(engine, model, old.features).routes[0]!;
  const left = [...experts.keys()].filter((i) => !gone.includes(experts[i]!));
  return joinTables(takeTable(old, left), fresh);
}

async function fitRivals(
  learnt: TrainingTable,
  fresh: TrainingTable,
  fit: FitOptions,
  executor: Executor,
) {
  const one: FitOptions = { ...fit, partitioning: "competition", experts: 1, candidates: [1] };
  const run = (table: TrainingTable, options: FitOptions) =>
    timed(() => fitModel(table, options, executor, silent));
  return {
    full: await run(learnt, fit),
    single: await run(learnt, one),
    window: await run(fresh, one),
  };
}

/** Test rows of untouched regimes of which no affected expert answers a part, before or after. */
function unaffected(
  before: Model,
  after: Model,
  report: UpdateReport,
  { test, touched }: { readonly test: StreamRows; readonly touched: readonly number[] },
  { engine }: Executor,
): Pick<DriftRow, "unaffectedShare" | "maxChange"> {
  const affected = report.affected.map(({ id }) => Number(id.split(".e")[1]));
  const answers = [before, after].map((model) => predict(engine, model, test.features));
  const reached = new Set(
    [before, after].flatMap(({ members }, version) => {
      const { mixture } = members[0]!;
      const known = affected.filter((k) => k < mixture.experts.length);
      return known.flatMap((k) => [...rowsAsked(mixture, answers[version]!.routes[0]!, k)]);
    }),
  );
  const otherRows = [...test.y.keys()].filter((i) => !touched.includes(test.regimes[i]!));
  const kept = otherRows.filter((i) => !reached.has(i));
  const [was, is] = answers.map(({ values }) => values);
  return {
    unaffectedShare: otherRows.length === 0 ? 1 : kept.length / otherRows.length,
    maxChange: kept.reduce((most, i) => Math.max(most, Math.abs(was![i]! - is![i]!)), 0),
  };
}
