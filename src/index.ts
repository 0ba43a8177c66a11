export { type Bundle, exportModel, readBundle, writeBundle } from "./bundle/index.ts";
export {
  type Column,
  type OpenedData,
  openData,
  type Preprocessing,
  type SelectedTarget,
  selectFrom,
  selectTarget,
  type Table,
  tableFromColumns,
  tableFromRecords,
} from "./data/index.ts";
export {
  type ExperimentConfig,
  type ExperimentResult,
  parseConfig,
  runExperiment,
} from "./experiments/index.ts";
export {
  createReferenceEngine,
  createWasmEngine,
  type Engine,
  type Expert,
} from "./experts/index.ts";
export {
  createNovelty,
  type Explanation,
  explain,
  explainFit,
  explainRows,
  type RegimeCard,
  type Rule,
  ruleInWords,
} from "./explain/index.ts";
export type { Gate } from "./gate/index.ts";
export { type RegressionMetrics, regressionMetrics } from "./metrics/index.ts";
export {
  type AccurateOptions,
  type Calibration,
  type CommitteeReport,
  committeeOptions,
  createInlineExecutor,
  createIntervals,
  createRowPredictor,
  DEFAULT_FIT,
  type Evaluation,
  type Executor,
  evaluate,
  evaluateIntervals,
  type FitOptions,
  type FitReport,
  type FittedCommitteeModel,
  type FittedModel,
  fitCommitteeModel,
  fitJudgedCommittee,
  fitJudgedModel,
  fitModel,
  type IntervalEvaluation,
  type Intervals,
  type Member,
  type Mixture,
  type Model,
  type Prediction,
  predict,
  predictIntervals,
  type RowPredictor,
  type Verdict,
} from "./mixture/index.ts";
export { BailiwickError, ERROR_CODES, type ErrorCode, type ErrorDetails } from "./shared/errors.ts";
export {
  type Current,
  createMemoryRows,
  currentOf,
  type Decision,
  type OldRows,
  planUpdate,
  type Updated,
  type UpdateOptions,
  update,
  updateBundle,
} from "./update/index.ts";
