export type {
  AnsweredRows,
  AnswersKind,
  ColumnFacts,
  CommitteeFacts,
  Drawn,
  Importance,
  KeptCommittee,
  KeptModel,
  Leader,
  LevelCoverage,
  LevelFacts,
  LineMap,
  MapAxis,
  MapPoints,
  MeasuredError,
  ModelFacts,
  NumberFacts,
  PlaneMap,
  ProjectionMap,
  RegimeMap,
  WorstRow,
} from "../reports/facts/index.ts";
export { clusteredExperts, wideNet } from "./baselines.ts";
export {
  configJsonSchema,
  type ExperimentConfig,
  type ExperimentInput,
  fitOptionsOf,
  METHODS,
  type Method,
  type Protocol,
  parseConfig,
} from "./config.ts";
export { type FitConfig, fitConfigJsonSchema, parseFitConfig } from "./fit-config.ts";
export type {
  Comparison,
  ExperimentResult,
  MeanAndError,
  MethodResult,
  MethodSummary,
  SplitPredictions,
  SplitResult,
} from "./result.ts";
export { type ExperimentSettings, type RunOutcome, runExperiment } from "./run.ts";
