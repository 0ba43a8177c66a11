/**
 * The library: fit a table, predict rows, save, load, update. Every setting has a default; a
 * program ends by itself. `bailiwick/engine` has engines, executors and lower levels.
 *
 * @module library
 */

export type {
  AnsweredRows,
  AnswersKind,
  ColumnFacts,
  CommitteeFacts,
  Comparison,
  Drawn,
  ExperimentConfig,
  ExperimentInput,
  ExperimentResult,
  ExperimentSettings,
  Importance,
  KeptCommittee,
  KeptModel,
  Leader,
  LevelCoverage,
  LevelFacts,
  LineMap,
  MapAxis,
  MapPoints,
  MeanAndError,
  MeasuredError,
  Method,
  MethodResult,
  MethodSummary,
  ModelFacts,
  NumberFacts,
  PlaneMap,
  ProjectionMap,
  Protocol,
  RegimeMap,
  RunOutcome,
  SplitPredictions,
  SplitResult,
  WorstRow,
} from "./experiments/index.ts";
export { runExperiment } from "./experiments/index.ts";
export {
  evaluate,
  explain,
  explainRows,
  exportModel,
  fit,
  forget,
  load,
  openTable,
  planUpdate,
  predict,
  predictIntervals,
  rollback,
  save,
  update,
} from "./library/index.ts";
export type * from "./library/types/index.ts";
export { BailiwickError, ERROR_CODES, type ErrorCode, type ErrorDetails } from "./shared/errors.ts";
