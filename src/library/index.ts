export type { ColumnUse } from "./column-uses.ts";
export { chooseDateParts, keepChosenDates } from "./date-choice.ts";
export { createEngine, predictionEngine, withExecutor } from "./engines.ts";
export { evaluate, type Measured } from "./evaluate.ts";
export { explain, type Regime } from "./explain.ts";
export { type FitSettings, type Fitted, fit } from "./fit.ts";
export type { HeldOutRows } from "./held-out.ts";
export { oddRows, openTable, selectRows, type TableSettings } from "./open-table.ts";
export {
  type FitPlan,
  fitPlan,
  hiddenSchema,
  type JudgedFit,
  type PlannedFit,
  type PresetSettings,
  planFit,
  type TuningSettings,
  tuningSchema,
} from "./plan.ts";
export {
  type Answers,
  answerRows,
  type ExplainedRows,
  explainRows,
  type IntervalSettings,
  predict,
  predictIntervals,
} from "./predict.ts";
export {
  contentOf,
  describeFit,
  type FitSource,
  type Regressor,
  type SavedVersion,
} from "./regressor.ts";
export type { DataTable, ReadSettings, RowObject, Rows } from "./rows.ts";
export {
  type ExportSettings,
  exportModel,
  load,
  type Saved,
  type SaveSettings,
  save,
  saveLocked,
} from "./save.ts";
export { parseSettings, seedSchema, type TrainingSettings, trainingShape } from "./settings.ts";
export { describeTrained, trainedShare } from "./trained-on.ts";
export {
  type ChangeSettings,
  forget,
  planUpdate,
  type RolledBack,
  rollback,
  type UpdateForecast,
  type UpdateResult,
  type UpdateSettings,
  update,
} from "./update.ts";
