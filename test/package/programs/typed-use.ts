// Uses every function of the library and of its second entry with every type written down. It is
// compiled against the installed package, not run: a type that cannot be imported does not compile.
import {
  BailiwickError,
  type DataTable,
  ERROR_CODES,
  type ErrorCode,
  type ExplainedRows,
  type ExportSettings,
  evaluate,
  explain,
  explainRows,
  exportModel,
  type FitSettings,
  type Fitted,
  type ForgetReport,
  fit,
  forget,
  type IntervalSettings,
  type Intervals,
  load,
  type Measured,
  openTable,
  type Prediction,
  type Progress,
  planUpdate,
  predict,
  predictIntervals,
  type Regime,
  type Regressor,
  type RolledBack,
  type RowNotes,
  type RowObject,
  type Rows,
  type RunOutcome,
  rollback,
  runExperiment,
  type Saved,
  type SaveSettings,
  save,
  type TableSettings,
  type UpdateForecast,
  type UpdateReport,
  type UpdateSettings,
  update,
  type Verdict,
} from "bailiwick";
import {
  type CommitteeOptions,
  createInlineExecutor,
  createIntervals,
  createNovelty,
  createReferenceEngine,
  createRowPredictor,
  createTfjsEngine,
  createWasmEngine,
  DEFAULT_COMMITTEE,
  describeFit,
  type Engine,
  type Executor,
  type FitOptions,
  type FitSource,
  type FittedCommitteeModel,
  type FittedModel,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitJudgedModel,
  fitModel,
  type Model,
  type NoveltyScorer,
  PRESETS,
  type PresetName,
  predictTable,
  type RowPredictor,
  type SelectedTarget,
  selectTarget,
  type Table,
  type TrainingTable,
  type WasmEngine,
} from "bailiwick/engine";

export async function useLibrary(signal: AbortSignal): Promise<void> {
  const objects: readonly RowObject[] = [{ x: 1, y: 2 }];
  const reading: TableSettings = { target: "y", types: { x: "number" } };
  const table: DataTable = await openTable(objects, reading);
  const onProgress: Progress = (stage: string, fraction: number): void => {
    process.stderr.write(`${stage} ${fraction}\n`);
  };
  const settings: FitSettings = {
    preset: "accurate",
    families: "mlp",
    seed: 2,
    onProgress,
    signal,
  };
  const fitted: Fitted = await fit(table, settings);
  const verdict: Verdict = fitted.verdict;
  const force: SaveSettings = { force: true };
  const saved: Saved = await save(fitted, "folder", force);
  const model: Regressor = await load("folder");
  const rows: Rows = "file.csv";
  const prediction: Prediction = await predict(model, rows);
  const level: IntervalSettings = { level: 0.9 };
  const intervals: Prediction & Intervals = await predictIntervals(model, rows, level);
  const measured: Measured = await evaluate(model, table, level);
  const regimes: readonly Regime[] = explain(model);
  const explained: ExplainedRows = await explainRows(model, objects);
  const notes: readonly RowNotes[] = explained.notes;
  const format: ExportSettings = { format: "onnx" };
  await exportModel(model, "model", format);
  const how: UpdateSettings = { seed: 1, decide: { alpha: 0.01 }, signal };
  const forecast: UpdateForecast = await planUpdate("folder", rows, how);
  const report: UpdateReport = await update("folder", rows, how);
  const forgotten: ForgetReport = await forget("folder", { column: "id", value: "1" });
  const back: RolledBack = await rollback("folder", 1);
  const outcome: RunOutcome = await runExperiment({ name: "a", data: "concrete" }, { onProgress });
  const code: ErrorCode = ERROR_CODES[0] ?? "INVALID_OPTION";
  const error: Error = new BailiwickError(code, "a message");
  const seen = [verdict, saved, prediction, intervals, measured, regimes, notes, forecast, report];
  process.stdout.write(`${[...seen, forgotten, back, outcome.result, error].length}\n`);
}

export async function useEngine(): Promise<void> {
  const wasm: WasmEngine = await createWasmEngine({ threads: 2 });
  const engines: readonly Engine[] = [wasm, createReferenceEngine(), await createTfjsEngine()];
  const executor: Executor = createInlineExecutor(wasm);
  const opened: DataTable = await openTable("concrete");
  const all: Table = opened.table;
  const selected: SelectedTarget = selectTarget(all, "compressive_strength");
  const table: TrainingTable = selected;
  const preset: PresetName = "fast";
  const options: FitOptions = { ...PRESETS[preset], seed: 3 };
  const committee: CommitteeOptions = DEFAULT_COMMITTEE;
  const progress: Progress = () => {};
  const own: FittedModel = await fitModel(table, options, executor, progress);
  const judged: FittedModel & { readonly verdict: Verdict } = await fitJudgedModel(
    table,
    options,
    executor,
    progress,
  );
  const both = { fit: options, committee };
  const mixed: FittedCommitteeModel = await fitCommitteeModel(table, both, executor, progress);
  const weighed: FittedCommitteeModel = await fitJudgedCommittee(table, both, executor, progress);
  const { verdict } = judged;
  const source: FitSource = { name: "a", sha256: "b", seed: 3, preset: null, verdict };
  const regressor: Regressor = describeFit(wasm, own, table, source);
  const model: Model = regressor.model;
  const prediction: Prediction = predictTable(wasm, model, all);
  const intervals: Intervals = createIntervals(model, 0.9)(prediction);
  const one: RowPredictor = createRowPredictor(wasm, model);
  const scorers: readonly (readonly NoveltyScorer[])[] =
    regressor.explanation === null ? [] : createNovelty(regressor.explanation);
  process.stdout.write(`${[engines, mixed, weighed, intervals, one, scorers].length}\n`);
  await executor.close();
}
